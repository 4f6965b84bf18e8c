"""Whose buckets are, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from groundswell.domain.buckets import Bucket, CorsRule
from groundswell.testing.memory_tables import Tables


class MemoryBuckets:
    """`service.ports.BucketRepository` over a dictionary."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def add(self, bucket: Bucket) -> bool:
        if bucket.name in self._tables.buckets:
            return False
        self._tables.buckets[bucket.name] = bucket
        return True

    def find(self, name: str) -> Bucket | None:
        return self._tables.buckets.get(name)

    def select(self, workspace_id: str) -> list[Bucket]:
        mine = (one for one in self._tables.buckets.values() if one.workspace_id == workspace_id)
        return sorted(mine, key=lambda one: one.name)

    def set_cors(self, name: str, rules: Sequence[CorsRule]) -> None:
        if name in self._tables.buckets:
            self._tables.buckets[name] = replace(self._tables.buckets[name], cors=tuple(rules))

    def set_told(self, name: str, told: bool) -> None:
        if name in self._tables.buckets:
            self._tables.buckets[name] = replace(self._tables.buckets[name], told=told)

    def remove(self, name: str) -> None:
        self._tables.buckets.pop(name, None)
