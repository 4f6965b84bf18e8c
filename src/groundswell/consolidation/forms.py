"""Answers to one object that cannot be consolidated together, such as masks of two sizes: which ones to set aside.

A live job must go on whatever one worker sends, so answers in another form than most are set aside there; consolidators
called with such answers raise InvalidVotes.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

Form = Mapping[Hashable, Hashable]  # what answers to one object must have in common: part of the answer -> its form


def misfits(forms: Mapping[Any, Form]) -> set[Any]:
    """Workers with a part in another form than most who have that part; of equals the first by type and text counts.

    forms : worker -> the form of their answer.
    """
    parts: dict[Hashable, list[Hashable]] = {}
    for form in forms.values():
        for part, one in form.items():
            parts.setdefault(part, []).append(one)
    usual = {part: min(given, key=lambda one: (-given.count(one), repr(one))) for part, given in parts.items()}
    return {worker for worker, form in forms.items() if any(one != usual[part] for part, one in form.items())}


def plane_form(plane: Any) -> Form:
    """The size of an index plane."""
    return {"size": plane.shape}


def instances_form(answer: Any) -> Form:
    """The size of the index plane of (plane, labels)."""
    return plane_form(answer[0])


def ranks_form(answer: Mapping[Any, Any]) -> Form:
    """The number of responses ranked in each dimension."""
    return {str(dimension): len(ranks) for dimension, ranks in answer.items()}


def comparison_form(answer: Any) -> Form:
    """The two things compared, whichever lies on the left; nothing where they have no ids."""
    if not isinstance(answer, Mapping) or "left" not in answer:
        return {}
    return {"things": tuple(sorted((answer["left"], answer["right"]), key=repr))}
