"""What the service counts, in Prometheus's text form (https://prometheus.io/docs/instrumenting/exposition_formats/)."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

__all__ = ["Metrics"]


class Metrics:
    """One service's counts: nothing is global, so that a process may hold several services."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "kg_requests", "Requests answered, by route and status.", ("route", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "kg_request_seconds", "Seconds from request to answer, by route.", ("route",), registry=self.registry
        )
        self.waits = Histogram("kg_worker_wait_seconds", "Seconds until a worker was free.", registry=self.registry)
        self.kills = Counter(
            "kg_workers_lost",
            "Workers killed at the deadline or when the client went, or dead by themselves.",
            ("why",),
            registry=self.registry,
        )
        self.kept = Counter("kg_answers_kept", "Answers given again without asking a worker.", registry=self.registry)
        self.builds = Counter("kg_builds_taken_up", "New builds that took the place of an old.", registry=self.registry)
        self.workers = Gauge("kg_workers", "Workers that are ready or at work.", registry=self.registry)
        for why in ("deadline", "died", "gone"):
            self.kills.labels(why)

    def text(self) -> bytes:
        """All counts."""
        from prometheus_client import generate_latest

        return generate_latest(self.registry)
