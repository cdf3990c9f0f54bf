"""Tests: reasoning."""
