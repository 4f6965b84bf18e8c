"""Ground Truth's worker-response folders: `iteration-<N>/<object>/<time>.json`, one file for an object and a moment.

Here: finding the answers, and telling by their form what kind of task they are of. Elsewhere: reading an answer, which
its task type does (`answer_kinds.py` calls it).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from groundswell.domain.errors import InvalidVotes
from groundswell.offline.annotation_files import AnnotationTable, any_parts, as_table
from groundswell.tasktypes import registry
from groundswell.tasktypes.answer_parts import parts_of


@dataclass(frozen=True)
class Response:
    """One worker's `answerContent`, as the form submitted it."""

    content: Mapping[str, Any]


def is_response_folder(path: Path) -> bool:
    """Whether a folder holds Ground Truth's answers rather than parts of a table, whatever lies beside either."""
    if not path.is_dir() or next(path.rglob("*.json"), None) is None:
        return False
    return next(path.rglob("iteration-*/*/*.json"), None) is not None or not any_parts(path)


def read_worker_responses(folder: Path, progress: Callable[[int], None] = lambda done: None) -> AnnotationTable:
    """A table whose labels are `Response`s and whose task type is what the first answer looks like.

    Later files and later answers come last, so that a worker's last answer counts. Objects are numbers where the
    folders' names are. progress : told the files read so far.
    Raises: InvalidVotes, naming the file.
    """
    files = sorted(folder.rglob("*.json"), key=lambda file: (file.parent.name, file.name, file))
    if not files:
        raise InvalidVotes(
            f"expected worker-response files iteration-*/<object>/<time>.json under {folder}, found none"
        )
    origin: list[Path] = []

    def rows() -> Iterator[tuple[int | str, str, Response]]:
        for done, file in enumerate(files, start=1):
            for row in _answers_in(file):
                origin.append(file)
                yield row
            progress(done)

    table = as_table(rows())
    first: Mapping[str, Any] = next((answer.content for answer in table.label if answer.content), {})
    return replace(table, place=lambda row: str(origin[row]), folder=folder, task_type=task_type_of(first))


def _answers_in(file: Path) -> Iterator[tuple[int | str, str, Response]]:
    name = file.parent.name
    task = int(name) if name.isdecimal() else name
    try:
        for answer in json.loads(file.read_bytes())["answers"]:
            content = answer["answerContent"]
            content = json.loads(content) if isinstance(content, str) else content
            if not isinstance(content, Mapping):
                raise TypeError(f"answerContent is {content!r:.60}")
            yield task, str(answer["workerId"]), Response(content)
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidVotes(
            f"{file}: expected {{'answers': [{{'workerId': '...', 'answerContent': {{...}}}}, ...]}} as Ground Truth "
            f"writes it, but {type(error).__name__}: {error}"
        ) from error


def task_type_of(content: Mapping[str, Any]) -> str:
    """The task type whose form submits such an answer; `custom` for forms of one's own.

    Where an answer has what several are recognised by, it is of the one that asks for most.
    """
    parts = [set(part) for part in parts_of(content)]
    found = [
        kind
        for _, kinds in registry.gallery()
        for kind in kinds
        if kind.recognised_by and any(part.issuperset(kind.recognised_by) for part in parts)
    ]
    return max(found, key=lambda kind: len(kind.recognised_by)).name if found else "custom"


def form_answers(content: Mapping[str, Any]) -> dict[str, Any]:
    """The questions of a form of one's own with their answers; elements are unpacked to what was chosen or written."""
    return {name: _plain(value) for name, value in content.items()}


def _plain(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value.strip() if isinstance(value, str) else value
    for member in ("label", "labels"):
        if member in value:
            return _plain(value[member])
    switches = {name: on.get("on") if isinstance(on, Mapping) else on for name, on in value.items()}
    if not switches or not all(isinstance(on, bool) for on in switches.values()):
        return dict(value)
    if set(switches) == {"on"}:
        return switches["on"]
    chosen = [name for name, on in switches.items() if on]  # a group of radio buttons or boxes to tick
    return chosen[0] if len(chosen) == 1 else chosen or None
