"""Checking a certificate of machine labels against its manifest, without the server that made it.

    found = verify_files(Path("certificate.json"), Path("output.manifest"))
    found.problems    # empty: the proof holds for these very labels

The manifest may be a job's output (machine labels with `human-annotated: "no"`) or the labeled manifest of a backtest,
whose labels then also say how accurate the machine's labels truly are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from groundswell.autolabel.certificate import certified_labels, check_certificate, digest_of
from groundswell.domain.errors import InvalidInput

_MOST_NAMED = 20


@dataclass(frozen=True)
class Verification:
    """What a check found."""

    problems: tuple[str, ...]  # empty where everything holds
    machine_labeled: int
    audited: int
    overruled: int  # certified objects that a person has labeled since
    agreeing: int  # ... with the machine's label

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"holds": not self.problems, **vars(self)}


def verify_files(certificate: Path, manifest: Path, attribute: str | None = None) -> Verification:
    """Do the proof again, and compare its labels with the manifest's.

    Raises: InvalidInput, where a file is not what it should be at all.
    """
    document = _document(certificate)
    problems = check_certificate(document)
    if problems:
        return Verification(tuple(problems), 0, 0, 0, 0)
    lines = _lines(manifest)
    attribute = attribute or _attribute(manifest, lines)
    lines = [line for line in lines if attribute in line]
    sources = [str(line.get("source-ref", line.get("source", ""))) for line in lines]
    if len(lines) != document["objects"] or digest_of(sources) != document["objects_sha256"]:
        found = f"{len(lines):,} labeled objects" if len(lines) != document["objects"] else "other objects"
        problem = f"the certificate is for {document['objects']:,} other objects: the manifest has {found}"
        return Verification((problem,), 0, 0, 0, 0)
    return _compared(document, lines, attribute)


def _compared(document: Mapping[str, Any], lines: list[dict[str, Any]], attribute: str) -> Verification:
    names, problems = document["class_names"], []
    audited = [(int(i), label) for attempt in document["attempts"] for i, label, _ in attempt["audited"]]
    for index, label in audited:
        if label is not None and not _is(lines[index], attribute, names, label):
            problems.append(f"line {index + 1}: people's audited label is {_name(names, label)}, not the manifest's")
        if not _by_people(lines[index], attribute):
            problems.append(f"line {index + 1}: an audited object is not labeled by people in the manifest")
    machine = certified_labels(document)
    overruled = agreeing = 0
    for index, label in machine.items():
        same = _is(lines[index], attribute, names, label)
        if _by_people(lines[index], attribute):
            overruled, agreeing = overruled + 1, agreeing + same
        elif not same:
            problems.append(f"line {index + 1}: the certified label is {_name(names, label)}, the manifest has another")
    uncertified = [
        place + 1 for place, line in enumerate(lines) if not _by_people(line, attribute) and place not in machine
    ]
    problems += [f"line {place}: labeled by machine and not certified" for place in uncertified]
    if len(problems) > _MOST_NAMED:
        problems = [*problems[:_MOST_NAMED], f"and {len(problems) - _MOST_NAMED:,} more"]
    return Verification(tuple(problems), len(machine), len(audited), overruled, agreeing)


def _document(path: Path) -> dict[str, Any]:
    try:
        value = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as error:
        raise InvalidInput(f"{path} is no JSON ({error}); expected a certificate") from error
    if not isinstance(value, dict) or "attempts" not in value:
        raise InvalidInput(f"{path} is no certificate: expected a JSON object with attempts")
    return value


def _lines(path: Path) -> list[dict[str, Any]]:
    try:
        lines = [orjson.loads(raw) for raw in path.read_bytes().splitlines() if raw.strip()]
    except orjson.JSONDecodeError as error:
        raise InvalidInput(f"{path} is no manifest ({error}); expected one JSON object a line") from error
    if not all(isinstance(line, dict) for line in lines):
        raise InvalidInput(f"{path} is no manifest; expected one JSON object a line")
    return lines


def _attribute(path: Path, lines: list[dict[str, Any]]) -> str:
    found = {key.removesuffix("-metadata") for line in lines[:100] for key in line if key.endswith("-metadata")}
    if len(found) != 1:
        known = ", ".join(sorted(found)) or "none"
        raise InvalidInput(f"expected --label-attribute, since {path} has: {known}", field="label_attribute")
    return found.pop()


def _by_people(line: Mapping[str, Any], attribute: str) -> bool:
    metadata = line.get(f"{attribute}-metadata")
    return not isinstance(metadata, dict) or metadata.get("human-annotated") != "no"


def _is(line: Mapping[str, Any], attribute: str, names: list[str], label: Any) -> bool:
    metadata = line.get(f"{attribute}-metadata")
    name = metadata.get("class-name") if isinstance(metadata, dict) else None
    return str(name if isinstance(name, str) else line[attribute]) == _name(names, label)


def _name(names: list[str], label: Any) -> str:
    return names[label] if isinstance(label, int) and 0 <= label < len(names) else str(label)
