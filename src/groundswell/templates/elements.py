"""What is known of each element, for checking templates: attributes that must be there, and those that hold JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Element:
    """What a template may get wrong about an element."""

    required: tuple[str, ...] = ()  # without these it cannot work
    json: tuple[str, ...] = ()  # attributes that hold lenient JSON
    answers: bool = False  # it has a value of its own and so needs a name
    shares_name: bool = False  # several of one name make one answer
    digits: bool = False  # it takes the digit keys for its labels
    own_form: bool = False  # it brings its own form


_CLASSIFIER = ("categories", "initial-value", "exclusion-category", "overlay")
_DRAWING = Element(required=("name", "src", "labels"), json=("labels", "initial-value"), answers=True, digits=True)
_LINES = Element(
    required=("name", "src", "labels"), json=("labels", "initial-value", "label-colors"), answers=True, digits=True
)
_CHOICE = Element(required=("name", "categories"), json=_CLASSIFIER, answers=True, digits=True)
_IMAGE_CHOICE = Element(required=("name", "src", "categories"), json=_CLASSIFIER, answers=True, digits=True)
_FIELD = Element(answers=True)
_TICK = Element(answers=True, shares_name=True)
_PLAIN = Element()

ELEMENTS: Mapping[str, Element] = MappingProxyType(
    {
        "crowd-alert": _PLAIN,
        "crowd-badge": _PLAIN,
        "crowd-bounding-box": _DRAWING,
        "crowd-button": _PLAIN,
        "crowd-card": _PLAIN,
        "crowd-checkbox": _TICK,
        "crowd-classifier": _CHOICE,
        "crowd-classifier-multi-select": _CHOICE,
        "crowd-entity-annotation": Element(
            required=("name", "text", "labels"),
            json=("labels", "initial-value"),
            answers=True,
            digits=True,
            own_form=True,
        ),
        "crowd-fab": _PLAIN,
        "crowd-form": _PLAIN,
        "crowd-icon-button": _PLAIN,
        "crowd-image-classifier": _IMAGE_CHOICE,
        "crowd-image-classifier-multi-select": _IMAGE_CHOICE,
        "crowd-input": _FIELD,
        "crowd-instance-segmentation": _DRAWING,
        "crowd-instructions": _PLAIN,
        "crowd-keypoint": _DRAWING,
        "crowd-line": _LINES,
        "crowd-modal": _PLAIN,
        "crowd-polygon": _DRAWING,
        "crowd-polyline": _LINES,
        "crowd-question-answer-generation": Element(required=("name",), json=("question-tags",), answers=True),
        "crowd-radio-button": _TICK,
        "crowd-radio-group": _PLAIN,
        "crowd-semantic-segmentation": _DRAWING,
        "crowd-slider": _FIELD,
        "crowd-slider-label": _PLAIN,
        "crowd-tab": _PLAIN,
        "crowd-tabs": _PLAIN,
        "crowd-text-area": _FIELD,
        "crowd-text-input": _FIELD,
        "crowd-text-ranking": Element(
            required=("name", "responses", "ordinal-ranking-dimensions"),
            json=("responses", "ordinal-ranking-dimensions"),
            answers=True,
            digits=True,
        ),
        "crowd-toast": _PLAIN,
        "crowd-toggle-button": _TICK,
    }
)

REGIONS = frozenset(
    {
        "classification-target",
        "detailed-instructions",
        "full-instructions",
        "negative-example",
        "positive-example",
        "short-instructions",
        "short-summary",
        "worker-comment",
    }
)
