"""Labels as files of annotations hold them: boxes as lists of corners, sets, numbers, pairs; and the way back.

Every refusal names the place, what was expected and what was found. Elsewhere: masks (`mask_files.py`), which kind of
label reads which way (`answer_kinds.py`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from groundswell.domain.errors import InvalidVotes


def from_json(label: Any, where: str) -> Any:
    """A label given as JSON text, or as the value itself (JSON Lines, Parquet); other text stays text."""
    if not isinstance(label, str) or not label.lstrip().startswith(("[", "{")):
        return label
    try:
        return json.loads(label)
    except ValueError as error:
        raise InvalidVotes(f"{where}: the label must be JSON, but {error}: {label[:80]!r}") from error


def as_given(value: Any, reading: Any, where: str) -> Any:
    """The value itself: its consolidator checks it."""
    return value


def value_of(estimate: Any, reading: Any, keep: Callable[[bytes], str]) -> Any:
    """The consolidated value itself."""
    return estimate.value


def boxes(value: Any, reading: Any, where: str) -> list[Any]:
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


def write_boxes(estimate: Any, reading: Any, keep: Callable[[bytes], str]) -> list[list[Any]]:
    """Boxes as [x1, y1, x2, y2], with the class where there is one."""
    return [corners(box) for box in estimate.value]


def corners(box: Mapping[str, Any]) -> list[Any]:
    """[x1, y1, x2, y2] to a hundredth of a pixel, and the class where there is one."""
    left, top = box["left"], box["top"]
    edges = [round(edge, 2) for edge in (left, top, left + box["width"], top + box["height"])]
    return [*edges, box["label"]] if box.get("label") else edges


def write_shapes(estimate: Any, reading: Any, keep: Callable[[bytes], str]) -> Any:
    """Polygons, lines, keypoints with coordinates to a hundredth of a pixel."""
    return rounded(estimate.value)


def rounded(value: Any) -> Any:
    """The value with every number in it to a hundredth."""
    if isinstance(value, Mapping):
        return {name: rounded(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [rounded(item) for item in value]
    return round(value, 2) if isinstance(value, float) else value


def label_list(value: Any, reading: Any, where: str) -> list[Any]:
    """A JSON list of labels, or one label."""
    labels = value if isinstance(value, list) else [value]
    if not all(isinstance(label, str) for label in labels):
        raise InvalidVotes(
            f'{where}: a label must be a list of classes ["a", "b"] or a class, but it is {value!r:.120}'
        )
    return labels


def number(value: Any, reading: Any, where: str) -> float:
    """A finite number, also as text."""
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise InvalidVotes(f"{where}: the label must be a number, but it is {value!r:.120}") from error


def pairs(value: Any, reading: Any, where: str) -> list[Any]:
    """Questions with their answers."""
    listed = value if isinstance(value, list) else [None]
    if not all(isinstance(pair, Mapping) and {"question", "answer"} <= set(pair) for pair in listed):
        raise InvalidVotes(f'{where}: a label must be [{{"question", "answer"}}, ...], but it is {value!r:.120}')
    return listed


def write_gathered(estimate: Any, reading: Any, keep: Callable[[bytes], str]) -> list[Any]:
    """Everybody's pairs, each once, in the order of workers: writing is gathered, not voted on."""
    answers: Mapping[str, Sequence[Any]] = estimate.details["answers"]
    given = [pair for worker in sorted(answers) for pair in answers[worker]]
    return list({json.dumps(pair, sort_keys=True): pair for pair in given}.values())


def only_answer(answers: Mapping[str, Any], where: str) -> Any:
    """The answer of a form with one question."""
    given = [answer for answer in answers.values() if answer is not None]
    if len(given) == 1 and not isinstance(given[0], (list, Mapping)):
        return given[0]
    raise InvalidVotes(
        f"{where}: expected an answer with one class, but found {dict(answers)!r:.160}; say what the answers are with "
        "--task-type (custom: a form with several questions)"
    )


def within_labels(plane: Any, labels: Sequence[str], where: str) -> Any:
    """A plane of classes. Raises: InvalidVotes, for pixel values beyond the labels."""
    if int(plane.max(initial=0)) > len(labels):
        raise InvalidVotes(
            f"{where}: expected pixel values from 0 for background to {len(labels)} for {labels[-1]!r}, the last of "
            f"--labels, but the mask has {int(plane.max())}"
        )
    return plane


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
