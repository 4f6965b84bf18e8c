"""Task types are found by name, by Ground Truth's name, and in other packages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import EntryPoint
from xml.etree import ElementTree

import pytest

from groundswell.domain.errors import InvalidSpec
from groundswell.tasktypes import pictures, registry
from groundswell.tasktypes.base import Gallery
from groundswell.templates.loader import template_text


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
        assert kind.name == name == str(kind.template).removesuffix(".liquid.html") or name == "custom"
        assert kind.min_labels <= kind.max_labels
        assert kind.manifest_type.startswith("groundtruth/")


def test_each_task_type_has_its_template() -> None:
    for kind in registry.every().values():
        assert not kind.template or "crowd-" in template_text(kind.template)


def test_an_unknown_name_suggests_the_nearest() -> None:
    with pytest.raises(InvalidSpec, match="Did you mean image-classification\\?") as info:
        registry.get("image-clasification")
    assert info.value.field == "task_type"


def test_other_packages_add_theirs(fresh: None, monkeypatch: pytest.MonkeyPatch) -> None:
    point = EntryPoint("sound", f"{__name__}:SOUND", registry.ENTRY_POINT_GROUP)
    monkeypatch.setattr(EntryPoint, "load", lambda self: SOUND)
    monkeypatch.setattr(registry, "entry_points", lambda group: [point])
    assert registry.get("sound") is SOUND


def test_the_gallery_has_every_task_type_once_with_a_drawing_of_its_own() -> None:
    shown = [kind for _, kinds in registry.gallery() for kind in kinds]
    assert sorted(kind.name for kind in shown) == list(registry.names())
    drawings = [ElementTree.fromstring(registry.picture_of(kind)) for kind in shown]  # our own
    assert all(drawing.get("viewBox") == "0 0 190 84" and len(drawing) > 1 for drawing in drawings)
    named = [kind for kind in shown if kind.name != "custom"]
    assert len({kind.gallery.picture for kind in named}) == len(named)


def test_the_gallery_has_groups_in_order_and_a_place_for_others(fresh: None, monkeypatch: pytest.MonkeyPatch) -> None:
    video = replace(SOUND, name="tracks", modality="video", gallery=Gallery("Videos", 1))
    mine = replace(SOUND, name="mine", gallery=Gallery())
    points = [EntryPoint(kind.name, "x:y", registry.ENTRY_POINT_GROUP) for kind in (video, mine)]
    monkeypatch.setattr(EntryPoint, "load", lambda self: {"tracks": video, "mine": mine}[self.name])
    monkeypatch.setattr(registry, "entry_points", lambda group: points)
    groups = registry.gallery()
    titles = ["Images", "Texts", "Sound", "Labels of an earlier job", "Videos", "Your own"]
    assert [title for title, _ in groups] == titles
    assert [kind.name for kind in dict(groups)["Images"]][:3] == [
        "image-classification", "image-classification-multilabel", "object-detection"
    ]  # fmt: skip
    assert [kind.name for kind in dict(groups)["Your own"]] == ["custom", "mine"]
    assert registry.picture_of(mine) == pictures.BY_MODALITY["image"]
    assert registry.picture_of(video) == pictures.BY_MODALITY["any"]


SOUND = replace(registry.get("image-classification"), name="sound")
