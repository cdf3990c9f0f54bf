"""Tests: readers."""
