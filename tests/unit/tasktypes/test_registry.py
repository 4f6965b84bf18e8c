"""Task types are found by name, by Ground Truth's name, and in other packages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import EntryPoint

import pytest

from groundswell.domain.errors import InvalidSpec
from groundswell.tasktypes import registry
from groundswell.templates.loader import builtin_template


@pytest.fixture
def fresh() -> Iterator[None]:
    registry.every.cache_clear()
    yield
    registry.every.cache_clear()


def test_names_and_ground_truths_names() -> None:
    assert {"image-classification", "text-classification"} <= set(registry.names())
    assert list(registry.names()) == sorted(registry.names())
    found = registry.by_ground_truth_name("ImageMultiClass")
    assert found is not None and found.name == "image-classification"
    assert registry.by_ground_truth_name("Nothing") is None


def test_each_file_names_its_task_type() -> None:
    for name, kind in registry.every().items():
        assert kind.name == name == kind.template.removesuffix(".liquid.html") or name == "custom"
        assert kind.min_labels <= kind.max_labels
        assert kind.manifest_type.startswith("groundtruth/")


def test_each_task_type_has_its_template() -> None:
    for kind in registry.every().values():
        assert not kind.template or "crowd-" in builtin_template(kind.template)


def test_an_unknown_name_suggests_the_nearest() -> None:
    with pytest.raises(InvalidSpec, match="Did you mean image-classification\\?") as info:
        registry.get("image-clasification")
    assert info.value.field == "task_type"


def test_other_packages_add_theirs(fresh: None, monkeypatch: pytest.MonkeyPatch) -> None:
    point = EntryPoint("sound", f"{__name__}:SOUND", registry.ENTRY_POINT_GROUP)
    monkeypatch.setattr(EntryPoint, "load", lambda self: SOUND)
    monkeypatch.setattr(registry, "entry_points", lambda group: [point])
    assert registry.get("sound") is SOUND


SOUND = replace(registry.get("image-classification"), name="sound")
