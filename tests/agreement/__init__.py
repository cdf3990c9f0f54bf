"""Checks of the mapping itself."""
