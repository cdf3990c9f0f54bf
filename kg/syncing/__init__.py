"""A graph that follows the registry: its records fetched page by page, kept beside the graph, and brought into it."""

from kg.syncing.run import PER_MINUTE, SyncReport, sync

__all__ = ["PER_MINUTE", "SyncReport", "sync"]
