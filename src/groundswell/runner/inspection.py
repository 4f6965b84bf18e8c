"""Manifest lines as rows of data objects: what is good, what is bad and why, what has a label already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from groundswell.domain.addresses import is_web, resolve
from groundswell.domain.errors import InvalidManifest
from groundswell.domain.identity import identity_of
from groundswell.domain.states import ObjectState
from groundswell.manifests.lines import LineChecker, LineRules
from groundswell.service.ports import ObjectStorage


class Row(NamedTuple):
    """A manifest line as a data object."""

    n: int
    line: str
    state: ObjectState  # the first
    reason: str | None  # why it failed
    identity: int | None = None  # across jobs


class Inspector:
    """Turns batches of lines into rows; its checker holds the problems found.

    `bare` is the number of lines whose label has no metadata: no job wrote it.
    """

    def __init__(self, rules: LineRules, storage: ObjectStorage, manifest_uri: str, *, identify: bool = False) -> None:
        self.checker = LineChecker(rules)
        self._storage = storage
        self._manifest_uri = manifest_uri
        self._identify = identify  # costs as much as the rest of a look at a line
        self.bare = 0

    def raise_if_all_bare(self, name: str) -> None:
        """Raises InvalidManifest when every line has the label attribute and no job's label: a key of another meaning.

        Such a job would be Completed at once without a label; `name` says which file was read.
        """
        if self.bare and self.bare == self.checker.lines:
            attribute = self.checker.rules.label_attribute
            raise InvalidManifest(
                f"every line of {name} has {attribute!r} already, so nothing would be labeled, and none is the label "
                f"of an earlier job ({attribute}-metadata is missing): choose another label attribute"
            )

    def rows(self, lines: Sequence[bytes], first: int) -> list[Row]:
        """Rows for lines that are objects `first`, `first` + 1, ...; files they name are looked for together."""
        found = [self._row(first + index, line) for index, line in enumerate(lines)]
        references = {
            members["source-ref"]: resolve(members["source-ref"], self._manifest_uri)
            for _, members in found
            if members is not None and "source-ref" in members
        }
        there = [uri for uri in references.values() if not is_web(uri)]
        absent = self._storage.missing(there) if there else {}
        if absent:
            return [self._with_file(row, members, references, absent) for row, members in found]
        return [row for row, _ in found]

    def _row(self, n: int, line: bytes) -> tuple[Row, Mapping[str, Any] | None]:
        members = self.checker.check(line)
        if members is None:
            bad = line.decode("utf-8", "replace")
            return Row(n, bad, ObjectState.FAILED, _reason(self.checker.last_problems)), None
        attribute = self.checker.rules.label_attribute
        labeled = attribute is not None and attribute in members
        self.bare += labeled and f"{attribute}-metadata" not in members
        state = ObjectState.SKIPPED if labeled else ObjectState.PENDING
        identity = identity_of(members, self._manifest_uri) if self._identify else None
        return Row(n, line.decode(), state, None, identity), members

    def _with_file(
        self, row: Row, members: Mapping[str, Any] | None, references: Mapping[str, str], absent: Mapping[str, str]
    ) -> Row:
        reference = members.get("source-ref") if members is not None else None
        if reference is None or references[reference] not in absent:
            return row
        message = absent[references[reference]]
        self.checker.report("source-ref", message, line=row.n + 1)
        return row._replace(state=ObjectState.FAILED, reason=_reason([("source-ref", message)]))


def _reason(problems: Sequence[tuple[str | None, str]]) -> str:
    said = "; ".join(f"{key}: {message}" if key else message for key, message in problems)
    return f"ClientError: {said}"
