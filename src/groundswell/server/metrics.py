"""Counters and latencies of this process, in Prometheus's text format."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Metrics:
    """What requests this process has served and how long they took, by route."""

    def __init__(self) -> None:
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._buckets: dict[str, list[int]] = defaultdict(lambda: [0] * (len(BUCKETS_S) + 1))
        self._seconds: Counter[str] = Counter()

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request."""
        self._requests[method, route, status] += 1
        self._buckets[route][bisect_left(BUCKETS_S, seconds)] += 1
        self._seconds[route] += seconds  # type: ignore[assignment]  # a Counter of floats is a sum by key

    def text(self, gauges: Mapping[str, tuple[str, Sequence[tuple[Mapping[str, str], float]]]]) -> str:
        """All of it as text; `gauges` maps a name to (help, [(labels, value)])."""
        lines = [
            "# HELP groundswell_http_requests_total Requests answered.",
            "# TYPE groundswell_http_requests_total counter",
        ]
        for (method, route, status), count in sorted(self._requests.items()):
            labels = _labels({"method": method, "route": route, "status": str(status)})
            lines.append(f"groundswell_http_requests_total{labels} {count}")
        name = "groundswell_http_request_seconds"
        lines += [f"# HELP {name} Time to answer.", f"# TYPE {name} histogram"]
        for route, counts in sorted(self._buckets.items()):
            lines += _histogram(name, route, counts, float(self._seconds[route]))
        for gauge, (description, values) in gauges.items():
            lines += [f"# HELP {gauge} {description}", f"# TYPE {gauge} gauge"]
            lines += [f"{gauge}{_labels(labels)} {value:g}" for labels, value in values]
        return "\n".join(lines) + "\n"


def _histogram(name: str, route: str, counts: list[int], seconds: float) -> list[str]:
    lines, so_far = [], 0
    for bound, count in zip((*map(str, BUCKETS_S), "+Inf"), counts, strict=True):
        so_far += count
        lines.append(f"{name}_bucket{_labels({'route': route, 'le': bound})} {so_far}")
    return [
        *lines,
        f"{name}_sum{_labels({'route': route})} {seconds:.6f}",
        f"{name}_count{_labels({'route': route})} {so_far}",
    ]


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    escaped = (value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") for value in labels.values())
    return "{" + ",".join(f'{key}="{value}"' for key, value in zip(labels, escaped, strict=True)) + "}"
