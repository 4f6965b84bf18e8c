"""Every element is documented: a heading, its attributes, and an answer that is JSON."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from groundswell.templates.elements import ELEMENTS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/reference/elements.md").read_text("utf-8")
SOURCES = ROOT / "elements/src/elements"
SECTIONS = dict(re.findall(r"^### (crowd-[\w-]+)\n(.*?)(?=^##|\Z)", PAGE, re.M | re.S))
INTERNAL = {"name", "role", "shown"}


def test_every_element_has_a_heading_and_none_is_invented() -> None:
    assert set(SECTIONS) == set(ELEMENTS)
    built = {path.name for path in SOURCES.glob("crowd-*")}
    assert built <= set(ELEMENTS), "templates/elements.py does not know an element that is built"


@pytest.mark.parametrize("tag", sorted(ELEMENTS))
def test_attributes_are_described(tag: str) -> None:
    component = SOURCES / tag / f"{tag}.component.ts"
    if not component.exists():
        pytest.skip(f"<{tag}> has no component file")
    declared = re.findall(
        r"@property\(([^\n]*?)\)[^\n]*?(?:override )?(?:set )?(\w+)[ :=(]", component.read_text("utf-8")
    )
    for options, field in declared:
        given = re.search(r'attribute: (?:"([\w-]+)"|false)', options)
        attribute = field if given is None else given[1]
        if attribute and attribute not in INTERNAL:
            assert f"`{attribute}`" in PAGE, f"{tag}: {attribute}"


@pytest.mark.parametrize("tag", sorted(tag for tag, known in ELEMENTS.items() if known.answers))
def test_answers_are_json(tag: str) -> None:
    blocks = re.findall(r"```json\n(.*?)```", SECTIONS[tag], re.S)
    assert blocks, f"{tag} answers, but its section shows no answer"
    for block in blocks:
        assert isinstance(json.loads(block), dict)
