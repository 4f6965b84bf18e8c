"""Every learner by its name: those of this package, and those other packages declare as entry points.

[project.entry-points."groundswell.learners"]
my-learner = "my_package.learning:MyLearner"
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points

from groundswell.autolabel.learner import Learner, Modality, ModelState
from groundswell.domain.errors import InvalidInput

ENTRY_POINT_GROUP = "groundswell.learners"
_OWN = {
    "tfidf-ridge": "text:TextLearner",
    "minilm-ridge": "embedded_text:EmbeddedTextLearner",
    "patch-ridge": "images:ImageLearner",
}
_DEFAULT: dict[Modality, str] = {"text": "tfidf-ridge", "image": "patch-ridge"}


@cache
def _makers() -> dict[str, Callable[[], Learner]]:
    found: dict[str, Callable[[], Learner]] = {name: _own(place) for name, place in _OWN.items()}
    for point in entry_points(group=ENTRY_POINT_GROUP):
        found[point.name] = point.load()
    return found


def _own(place: str) -> Callable[[], Learner]:
    module, _, name = place.partition(":")

    def make() -> Learner:
        made: Learner = getattr(import_module(f"groundswell.autolabel.{module}"), name)()
        return made

    return make


def names() -> tuple[str, ...]:
    """The names of all learners here."""
    return tuple(sorted(_makers()))


def get(name: str) -> Learner:
    """The learner of this name. Raises: InvalidInput, which lists them."""
    if name not in _makers():
        raise InvalidInput(f"expected one of the learners {', '.join(names())}; given was {name!r}", field="learner")
    return _makers()[name]()


def default_for(modality: Modality) -> Learner:
    """The learner that is always there for texts or images."""
    return get(_DEFAULT[modality])


def learner_of(state: ModelState) -> Learner:
    """Who can load a stored model or stored features."""
    return get(state.learner)
