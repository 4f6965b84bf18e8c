"""Counters and latencies of this process, in Prometheus's text format."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)

Gauges = Mapping[str, tuple[str, Sequence[tuple[Mapping[str, str], float]]]]

disable_created_metrics()  # type: ignore[no-untyped-call]  # the time of a series' first event tells nobody anything


class Metrics:
    """What requests this process has served and how long they took, by route."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "groundswell_http_requests_total",
            "Requests answered.",
            ("method", "route", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "groundswell_http_request_seconds",
            "Time to answer.",
            ("route",),
            buckets=BUCKETS_S,
            registry=self._registry,
        )
        self._series: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request."""
        series = self._series.get((method, route, status))
        if series is None:  # looked up once: finding a series by its labels takes longer than counting
            series = self._requests.labels(method, route, str(status)), self._seconds.labels(route)
            self._series[method, route, status] = series
        series[0].inc()
        series[1].observe(seconds)

    def text(self, gauges: Gauges) -> str:
        """All of it as text; `gauges` maps a name to (help, [(labels, value)])."""
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Both(self._registry, gauges))
        return generate_latest(registry).decode()


class _Both(Collector):
    """The series of a registry, then gauges read just now."""

    def __init__(self, registry: CollectorRegistry, gauges: Gauges) -> None:
        self._registry = registry
        self._gauges = gauges

    def collect(self) -> Iterator[Metric]:
        yield from self._registry.collect()
        for name, (description, values) in self._gauges.items():
            yield _family(name, description, values)


def _family(name: str, description: str, values: Iterable[tuple[Mapping[str, str], float]]) -> GaugeMetricFamily:
    values = list(values)
    family = GaugeMetricFamily(name, description, labels=list(values[0][0]) if values else ())
    for labels, value in values:
        family.add_metric(list(labels.values()), value)
    return family
