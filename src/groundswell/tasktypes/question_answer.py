"""Write questions about a text, with their answers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from groundswell.consolidation.estimates import Estimate
from groundswell.tasktypes import file_forms, live, metadata, pictures
from groundswell.tasktypes.answers import items_of, member_of, part, text_of
from groundswell.tasktypes.base import DecodeContext, EncodeContext, EncodedLabel, Gallery, TaskType

MANIFEST_TYPE = "groundtruth/question-answer"
_MEMBER = "questionAnswerPairs"
Pairs = list[dict[str, Any]]


def decode(content: Mapping[str, Any], context: DecodeContext) -> Pairs:
    """The pairs a worker wrote, with their tags and references. Raises InvalidAnnotation."""
    return _pairs(part(content, ("crowd-question-answer-generation",), _MEMBER)[_MEMBER])


def encode(estimate: Estimate, context: EncodeContext) -> EncodedLabel:
    """Everybody's pairs, each once: writing is gathered, not voted on."""
    pairs = [pair for value in context.values for pair in value] or list(estimate.value)
    different = list({json.dumps(pair, sort_keys=True): pair for pair in pairs}.values())
    said = {"pairs": len(different), "workers": len(context.values)}
    return EncodedLabel({_MEMBER: different}, said | metadata.common(context, MANIFEST_TYPE))


def read_label(value: Any, said: Mapping[str, Any], labels: Sequence[str]) -> Pairs:
    """The pairs of a manifest's label. Raises InvalidAnnotation."""
    return _pairs(member_of(value, _MEMBER, "label"))


def _pairs(given: Any) -> Pairs:
    found = []
    for index, item in enumerate(items_of(given, _MEMBER)):
        where = f"{_MEMBER}[{index}]"
        words = {name: text_of(member_of(item, name, where), f"{where}.{name}") for name in ("question", "answer")}
        more = {name: item[name] for name in ("tags", "references") if item.get(name)}
        found.append(words | more)
    return found


TASK_TYPE = TaskType(
    name="question-answer",
    title="Questions and answers",
    summary="Write questions about a text, with their answers.",
    modality="text",
    manifest_type=MANIFEST_TYPE,
    template="question-answer.liquid.html",
    min_labels=0,
    max_labels=1_000,
    default_per_object=1,
    default_time_limit_s=3_600,
    decode=decode,
    consolidation=live.structured("passthrough"),
    encode=encode,
    read_label=read_label,
    kind_of_answer="passthrough",
    file_form=file_forms.PAIRS,
    recognised_by=("questionAnswerPairs",),
    gallery=Gallery(
        "Texts",
        5,
        pictures.drawing(
            pictures.PAPER,
            '<rect x="16" y="10" width="112" height="28" rx="8" fill="#0072b2"/>'
            '<rect x="62" y="46" width="112" height="28" rx="8" fill="#fff" stroke="#d8d1c1"/>'
            '<g fill="#cfe5f2"><rect x="28" y="18" width="74" height="6" rx="3"/>'
            '<rect x="28" y="27" width="46" height="6" rx="3"/></g><g fill="#b9b2a3">'
            '<rect x="74" y="54" width="84" height="6" rx="3"/>'
            '<rect x="74" y="63" width="56" height="6" rx="3"/></g>',
        ),
    ),
)
