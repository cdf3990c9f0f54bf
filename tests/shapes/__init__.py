"""Shapes: a complete study, and cases that change it."""
