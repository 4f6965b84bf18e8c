"""Labels as files of annotations hold them: boxes as lists of corners, sets, numbers, pairs; and the way back.

Every refusal names the place, what was expected and what was found. Elsewhere: masks (`mask_forms.py`), the files
themselves (`groundswell.offline`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from groundswell.consolidation.estimates import Estimate
from groundswell.domain.errors import InvalidVotes


def _no_file(text: str, where: str) -> bytes:
    raise InvalidVotes(f"{where}: there are no files here to read {text[:80]!r} from")


@dataclass(frozen=True)
class Reading:
    """What reading a label needs besides the label."""

    labels: Sequence[str] = ()  # the classes in order
    load: Callable[[str, str], bytes] = _no_file  # (a label that is a path or base64, place) -> the bytes it means


Read = Callable[[Any, Reading, str], Any]
"""(label as the file has it, -, place for messages) -> the value consolidation takes; raises InvalidVotes."""
Write = Callable[[Estimate, Reading, Callable[[bytes], str]], Any]
"""(-, -, what to do with a PNG) -> the label as files have it."""


def from_json(label: Any, where: str) -> Any:
    """A label given as JSON text, or as the value itself (JSON Lines, Parquet); other text stays text."""
    if not isinstance(label, str) or not label.lstrip().startswith(("[", "{")):
        return label
    try:
        return json.loads(label)
    except ValueError as error:
        raise InvalidVotes(f"{where}: the label must be JSON, but {error}: {label[:80]!r}") from error


def as_given(value: Any, reading: Reading, where: str) -> Any:
    """The value itself: its consolidator checks it."""
    return value


def value_of(estimate: Estimate, reading: Reading, keep: Callable[[bytes], str]) -> Any:
    """The consolidated value itself."""
    return estimate.value


def boxes(value: Any, reading: Reading, where: str) -> list[Any]:
    """Boxes as [x1, y1, x2, y2] or [x1, y1, x2, y2, class], or already with named fields."""
    if not isinstance(value, list):
        raise InvalidVotes(
            f"{where}: a label must be a JSON list of boxes [[x1, y1, x2, y2], ...], [] where there is nothing, but it "
            f"is {value!r:.120}"
        )
    return [_box(box, where) for box in value]


def _box(box: Any, where: str) -> Any:
    if isinstance(box, Mapping):
        return box
    if not isinstance(box, list) or len(box) not in (4, 5) or not all(_is_number(edge) for edge in box[:4]):
        raise InvalidVotes(
            f"{where}: a box must be [x1, y1, x2, y2] or [x1, y1, x2, y2, class], but it is {box!r:.120}"
        )
    x1, y1, x2, y2 = box[:4]
    if x2 < x1 or y2 < y1:
        raise InvalidVotes(
            f"{where}: a box is [x1, y1, x2, y2], two corners, with x1 <= x2 and y1 <= y2, but it is {box!r:.120}"
        )
    named = {"left": x1, "top": y1, "width": x2 - x1, "height": y2 - y1}
    return named if len(box) == 4 else {**named, "label": str(box[4])}


def write_boxes(estimate: Estimate, reading: Reading, keep: Callable[[bytes], str]) -> list[list[Any]]:
    """Boxes as [x1, y1, x2, y2], with the class where there is one."""
    return [corners(box) for box in estimate.value]


def corners(box: Mapping[str, Any]) -> list[Any]:
    """[x1, y1, x2, y2] to a hundredth of a pixel, and the class where there is one."""
    left, top = box["left"], box["top"]
    edges = [round(edge, 2) for edge in (left, top, left + box["width"], top + box["height"])]
    return [*edges, box["label"]] if box.get("label") else edges


def write_shapes(estimate: Estimate, reading: Reading, keep: Callable[[bytes], str]) -> Any:
    """Polygons, lines, keypoints with coordinates to a hundredth of a pixel."""
    return rounded(estimate.value)


def rounded(value: Any) -> Any:
    """The value with every number in it to a hundredth."""
    if isinstance(value, Mapping):
        return {name: rounded(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [rounded(item) for item in value]
    return round(value, 2) if isinstance(value, float) else value


def label_list(value: Any, reading: Reading, where: str) -> list[Any]:
    """A JSON list of labels, or one label."""
    labels = value if isinstance(value, list) else [value]
    if not all(isinstance(label, str) for label in labels):
        raise InvalidVotes(
            f'{where}: a label must be a list of classes ["a", "b"] or a class, but it is {value!r:.120}'
        )
    return labels


def number(value: Any, reading: Reading, where: str) -> float:
    """A finite number, also as text."""
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise InvalidVotes(f"{where}: the label must be a number, but it is {value!r:.120}") from error


def pairs(value: Any, reading: Reading, where: str) -> list[Any]:
    """Questions with their answers."""
    listed = value if isinstance(value, list) else [None]
    if not all(isinstance(pair, Mapping) and {"question", "answer"} <= set(pair) for pair in listed):
        raise InvalidVotes(f'{where}: a label must be [{{"question", "answer"}}, ...], but it is {value!r:.120}')
    return listed


def write_gathered(estimate: Estimate, reading: Reading, keep: Callable[[bytes], str]) -> list[Any]:
    """Everybody's pairs, each once, in the order of workers: writing is gathered, not voted on."""
    answers: Mapping[str, Sequence[Any]] = estimate.details["answers"]
    given = [pair for worker in sorted(answers) for pair in answers[worker]]
    return list({json.dumps(pair, sort_keys=True): pair for pair in given}.values())


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


@dataclass(frozen=True)
class FileForm:
    """How files of annotations hold the answers of a kind of task, for work without a server."""

    words: str  # a label in a cell, for people
    read: Read = as_given
    write: Write = value_of
    alias: str = ""  # a shorter name of the kind, among files
    several_rows: bool = False  # rows of one task and worker add up instead of replacing each other
    is_text: bool = False  # a label is text even where it looks like JSON
    needs_labels: bool = False  # a label means nothing without the classes in order


GIVEN = FileForm("what its reader gives")
CLASS = FileForm("a class", alias="classification")
LABEL_SET = FileForm('["a","b"], or one class a row', label_list, alias="multi-label", several_rows=True)
BOXES = FileForm("[[x1,y1,x2,y2],...], with the class as a fifth value where there are several", boxes, write_boxes)
VERTICES = FileForm('[{"label","vertices":[{"x","y"},...]},...]', write=write_shapes)
KEYPOINTS = FileForm('[{"label","x","y"},...]', write=write_shapes)
SPANS = FileForm('[{"label","startOffset","endOffset"},...]', alias="named-entities")
TEXT = FileForm("a text", alias="transcription", is_text=True)
RANKING = FileForm('{"dimension":[rank of each response]}', alias="ranking")
PAIRS = FileForm('[{"question","answer"},...]', pairs, write_gathered)
