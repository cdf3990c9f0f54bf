"""A graph that follows the registry."""
