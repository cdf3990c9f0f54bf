"""Publishing: bundles, and what changed between two graphs."""
