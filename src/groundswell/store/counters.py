"""The counters of a labeling job, by the names of their columns."""

from __future__ import annotations

COUNTERS = (
    "total",
    "pending",
    "open",
    "answered",
    "human_labeled",
    "machine_labeled",
    "failed",
    "skipped",
    "annotations",
    "outstanding",
    "spent_usd_micros",
    "checks",
)

SUMS = ", ".join(f"CAST(COALESCE(SUM({name}), 0) AS BIGINT)" for name in COUNTERS)
