"""A finished Ground Truth job's output manifest, read back: which label is its own, of which kind, with which classes.

Developer guide, "Output data". Elsewhere: workers' answers beside it (`runner/import_answers.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

import orjson

from groundswell.domain.errors import InvalidInput
from groundswell.manifests.members import without_members

OUTPUT_MANIFESTS = ("manifests/output/output.manifest", "output.manifest")
"""Where in a job's output folder its manifest is: as Ground Truth writes it, and beside the answers."""
METADATA = "-metadata"
MAX_CLASSES = 1_000


class Brought(NamedTuple):
    """One line of an output manifest."""

    line: str  # as it was before the job: without the label and its metadata
    value: Any  # the label; None where there is none
    metadata: Mapping[str, Any]
    failure: str | None  # why the job gave it no label


@dataclass(frozen=True)
class Survey:
    """What a whole output manifest says of the job that wrote it."""

    attribute: str  # the label attribute name
    manifest_type: str  # the metadata's `type`, lower case: `groundtruth/image-classification`
    labels: tuple[str, ...]  # label categories in order of their index
    adjusted: bool  # the job adjusted an earlier one's labels
    audit_attribute: str | None  # an earlier job's attribute on the same lines
    job_name: str | None  # without `labeling-job/`
    lines: int


@dataclass
class _Attribute:
    """What the lines so far say of one label attribute."""

    types: Counter[str] = field(default_factory=Counter)
    jobs: Counter[str] = field(default_factory=Counter)
    classes: dict[int, str] = field(default_factory=dict)
    adjusted: bool = False
    newest: str = ""


def survey(lines: Iterable[bytes], *, attribute: str | None = None, folder: str = "") -> Survey:
    """Look at every line. A job's own attribute is the one asked for, that of the job the folder is named after, or
    the one with the newest label.

    Raises InvalidInput where no line has a label of Ground Truth's form.
    """
    found: dict[str, _Attribute] = {}
    count = 0
    for line in lines:
        count += 1
        members = _members(line)
        for key, said in members.items():
            if key.endswith(METADATA) and isinstance(said, Mapping) and isinstance(said.get("type"), str):
                name = key.removesuffix(METADATA)
                _look(found.setdefault(name, _Attribute()), members.get(name), said)
    chosen = _chosen(found, attribute, folder)
    about = found[chosen]
    earlier = [name for name in found if name != chosen]
    return Survey(
        attribute=chosen,
        manifest_type=about.types.most_common(1)[0][0],
        labels=_in_order(about.classes),
        adjusted=about.adjusted,
        audit_attribute=max(earlier, key=lambda name: found[name].newest) if earlier else None,
        job_name=about.jobs.most_common(1)[0][0] if about.jobs else None,
        lines=count,
    )


def read_line(raw: bytes, attribute: str) -> Brought:
    """A line taken apart. Raises InvalidInput for one that is no JSON object."""
    members = _members(raw)
    if not members:
        raise InvalidInput(f"expected a JSON object, got {raw[:60]!r}")
    said = members.get(attribute + METADATA)
    metadata = said if isinstance(said, Mapping) else {}
    failure = metadata.get("failure-reason")
    line = without_members(raw.decode(), frozenset({attribute, attribute + METADATA}))
    value = None if failure is not None else members.get(attribute)
    return Brought(line, value, metadata, None if failure is None else str(failure))


def labeled_at(metadata: Mapping[str, Any]) -> datetime | None:
    """When a label was made: `creation-date`, UTC unless it says otherwise; None where that cannot be read."""
    said = metadata.get("creation-date", metadata.get("creation_date"))
    return parse_time(said) if isinstance(said, str) else None


def parse_time(text: str) -> datetime | None:
    """A time as Ground Truth's files have it, UTC where it has no zone; None for anything else."""
    try:
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def confidence_of(metadata: Mapping[str, Any]) -> float:
    """The label's confidence: its own, or the mean of its parts'; 0 where it has none."""
    listed = metadata.get("objects", metadata.get("entities"))
    colors = metadata.get("internal-color-map")
    by_class = metadata.get("confidence-map")
    parts = [
        metadata.get("confidence"),
        *(one.get("confidence") for one in (listed if isinstance(listed, list) else []) if isinstance(one, Mapping)),
        *(one.get("confidence") for one in (colors.values() if isinstance(colors, Mapping) else ()) if _is_map(one)),
        *(by_class.values() if isinstance(by_class, Mapping) else ()),
    ]
    known = [float(one) for one in parts if isinstance(one, int | float) and 0 <= one <= 1]
    return sum(known) / len(known) if known else 0.0


def _members(line: bytes) -> dict[str, Any]:
    try:
        members = orjson.loads(line)
    except orjson.JSONDecodeError:
        return {}
    return members if isinstance(members, dict) else {}


def _look(about: _Attribute, value: Any, said: Mapping[str, Any]) -> None:
    about.types[str(said["type"]).lower()] += 1
    job = said.get("job-name", said.get("job_name"))
    if isinstance(job, str):
        about.jobs[job.removeprefix("labeling-job/")] += 1
    about.adjusted |= "adjustment-status" in said
    about.newest = max(about.newest, str(said.get("creation-date", said.get("creation_date", ""))))
    for index, name in _classes(value, said):
        if 0 <= index < MAX_CLASSES and name.strip():
            about.classes.setdefault(index, name)


def _classes(value: Any, said: Mapping[str, Any]) -> Iterator[tuple[int, str]]:
    """(index, name) of the classes that a label names."""
    for member, first in (("class-map", 0), ("class_map", 0), ("internal-color-map", 1)):
        for index, one in _mapping(said.get(member)).items():
            name = one.get("class-name") if isinstance(one, Mapping) else one
            if isinstance(name, str) and str(index).isdecimal() and int(index) >= first:
                yield int(index) - first, name
    if isinstance(said.get("class-name"), str) and str(value).isdecimal():
        yield int(value), said["class-name"]
    listed = _mapping(_mapping(value).get("annotations")).get("labels")
    for place, entry in enumerate(listed if isinstance(listed, list) else []):
        if isinstance(entry, Mapping) and isinstance(entry.get("label"), str):
            yield place, entry["label"]


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _is_map(value: Any) -> bool:
    return isinstance(value, Mapping)


def _chosen(found: Mapping[str, _Attribute], asked: str | None, folder: str) -> str:
    if asked is not None and asked in found:
        return asked
    if asked is not None or not found:
        there = ", ".join(found) or "none"
        wanted = f"the label attribute {asked!r}" if asked else "lines with a label and its -metadata"
        raise InvalidInput(f"expected {wanted}, as a Ground Truth job writes it; label attributes there: {there}")
    own = [name for name, about in found.items() if folder and folder.lower() in (one.lower() for one in about.jobs)]
    return max(own or found, key=lambda name: found[name].newest)


def _in_order(classes: Mapping[int, str]) -> tuple[str, ...]:
    """Names by index; a class that no label has is called after its index. A name stands once."""
    names: list[str] = []
    for index in range(max(classes, default=-1) + 1):
        name = classes.get(index, f"class {index}")
        names.append(name if name not in names else f"{name} ({index})")
    return tuple(names)
