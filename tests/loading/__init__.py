"""Loading: real stores, and servers that fail."""
