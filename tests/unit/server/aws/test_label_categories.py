"""The label category configuration file of Ground Truth."""

from __future__ import annotations

import json

from groundswell.server.aws.sagemaker.label_categories import read_label_categories


def test_short_and_long_names_of_entities_are_kept() -> None:
    labels = [
        {"label": "person", "shortDisplayName": "per", "fullDisplayName": "A person", "colour": 3},
        {"label": "b"},
    ]
    found = read_label_categories(json.dumps({"labels": labels}).encode(), "s3://in/labels.json")
    assert found.labels == ("person", "b")
    assert found.details == {"person": {"shortDisplayName": "per", "fullDisplayName": "A person"}}
