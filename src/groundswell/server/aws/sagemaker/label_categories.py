"""The label category configuration file: labels, instructions, the label that is audited (formats of the guide)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from groundswell.domain.errors import InvalidInput
from groundswell.server.aws.sagemaker.common import invalid
from groundswell.server.bodies import read_json

_MOST_CHARACTERS = 256
_SHOWN = ("shortDisplayName", "fullDisplayName")


@dataclass(frozen=True)
class LabelCategories:
    """What the file says, as far as the tasks that are here need it."""

    labels: tuple[str, ...] = ()
    details: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # label -> what else is shown of it
    short_instructions: str = ""
    full_instructions: str = ""
    audited: str | None = None  # the label attribute of the earlier job


def read_label_categories(raw: bytes, uri: str) -> LabelCategories:
    """The file's contents; `documentVersion` and the other spellings of AWS's own samples are accepted.

    Raises AwsError that says what is wrong with the file.
    """
    try:
        found = read_json(raw.removeprefix(b"\xef\xbb\xbf"))
    except InvalidInput as error:
        raise invalid(f"The label category configuration file {uri} is not valid JSON: {error.message}") from error
    if not isinstance(found, Mapping) or not isinstance(found.get("labels"), list):
        raise invalid(
            f'The label category configuration file {uri}: expected {{"document-version": "2018-11-28", "labels": '
            '[{"label": "cat"}, ...]}'
        )
    told = found.get("instructions")
    instructions: Mapping[str, Any] = told if isinstance(told, Mapping) else {}
    audited = found.get("auditLabelAttributeName")
    return LabelCategories(
        labels=_labels(found["labels"], uri),
        details=_details(found["labels"]),
        short_instructions=_text(instructions, "shortInstruction", "shortIntroduction"),
        full_instructions=_text(instructions, "fullInstruction", "fullIntroduction"),
        audited=audited if isinstance(audited, str) else None,
    )


def _labels(given: list[Any], uri: str) -> tuple[str, ...]:
    labels: list[str] = []
    for number, one in enumerate(given, 1):
        label = one.get("label") if isinstance(one, Mapping) else None
        if not isinstance(label, str) or not label.strip() or len(label) > _MOST_CHARACTERS:
            raise invalid(
                f"The label category configuration file {uri}, label {number}: expected a name of 1 to "
                f'{_MOST_CHARACTERS} characters as "label", got {one!r:.100}'
            )
        if label in labels:
            raise invalid(f"The label category configuration file {uri} has the label {label!r} twice")
        labels.append(label)
    return tuple(labels)


def _details(labels: list[Any]) -> dict[str, dict[str, Any]]:
    """What the file says of labels beside their names: the short and long names of entities."""
    named = {one["label"]: {name: one[name] for name in _SHOWN if isinstance(one.get(name), str)} for one in labels}
    return {label: shown for label, shown in named.items() if shown}


def _text(instructions: Mapping[str, Any], *spellings: str) -> str:
    return next((str(instructions[name]) for name in spellings if isinstance(instructions.get(name), str)), "")
