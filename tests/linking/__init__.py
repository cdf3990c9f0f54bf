"""Tests: linking."""
