"""Checks of builds: partitions, processes, crashes, updates."""
