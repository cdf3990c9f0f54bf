"""W3C's suites through our engines."""
