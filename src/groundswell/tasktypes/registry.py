"""Every task type by its name: those of this package, and those other packages declare as entry points.

[project.entry-points."groundswell.task_types"]
sound-events = "my_package.sound_events:TASK_TYPE"
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from pkgutil import iter_modules
from types import MappingProxyType

from groundswell import tasktypes
from groundswell.domain.errors import InvalidSpec
from groundswell.tasktypes import pictures
from groundswell.tasktypes.base import OWN, TaskType

_GROUPS = ("Images", "Texts", "Sound", "Labels of an earlier job")  # in this order
ENTRY_POINT_GROUP = "groundswell.task_types"


@cache
def every() -> Mapping[str, TaskType]:
    """All task types by name, in order of name; another package's replaces a built-in one of the same name."""
    modules = (import_module(f"{tasktypes.__name__}.{found.name}") for found in iter_modules(tasktypes.__path__))
    found = {module.TASK_TYPE.name: module.TASK_TYPE for module in modules if hasattr(module, "TASK_TYPE")}
    for point in entry_points(group=ENTRY_POINT_GROUP):
        loaded = point.load()
        if not isinstance(loaded, TaskType):
            raise InvalidSpec(
                f"entry point {point.name!r} of {ENTRY_POINT_GROUP} gives {loaded!r}, expected a TaskType"
            )
        found[loaded.name] = loaded
    return MappingProxyType(dict(sorted(found.items())))


def names() -> tuple[str, ...]:
    """The words a specification may use for `task_type`."""
    return tuple(every())


def get(name: str) -> TaskType:
    """The task type of this name; raises InvalidSpec that lists them and suggests the nearest."""
    known = every()
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise InvalidSpec(f"unknown task type {name!r}.{hint} Task types here: {', '.join(known)}", field="task_type")
    return known[name]


def gallery() -> list[tuple[str, list[TaskType]]]:
    """The task types by the groups in which people find them; groups of other packages before the last."""
    groups: dict[str, list[TaskType]] = {group: [] for group in _GROUPS}
    for kind in sorted(every().values(), key=lambda kind: (kind.gallery.place, kind.name)):
        groups.setdefault(kind.gallery.group, []).append(kind)
    groups[OWN] = groups.pop(OWN, [])
    return [(group, kinds) for group, kinds in groups.items() if kinds]


def picture_of(kind: TaskType) -> str:
    """The SVG image a kind of task is known by."""
    return kind.gallery.picture or pictures.BY_MODALITY.get(kind.modality, pictures.BY_MODALITY["any"])


def by_ground_truth_name(name: str) -> TaskType | None:
    """The task type of Ground Truth's PRE-<name> and ACS-<name> functions, such as ImageMultiClass."""
    return next((kind for kind in every().values() if name in kind.ground_truth_names), None)
