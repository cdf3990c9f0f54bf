"""Faults planted in the bytes of good records: each must be found, and placed where it was planted."""
