"""Any title makes a name that a job may have."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundswell.wire.job_spec import JobSpec, name_from


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("My photos 2026!", "my-photos-2026"),
        ("owls-2", "owls-2"),
        ("Café – Größe", "cafe-groe"),
        ("写真", "job"),
        ("x" * 200, "x" * 63),
        ("a" * 62 + " b", "a" * 62),
    ],
)
def test_names_made_of_titles(title: str, name: str) -> None:
    assert name_from(title) == name


@given(st.text(max_size=300))
def test_every_title_makes_a_name(title: str) -> None:
    name = name_from(title)
    assert JobSpec.model_validate({"name": name, "task_type": "custom"}).name == name
