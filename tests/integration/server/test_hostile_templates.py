"""Hostile templates at the server's door: a 4xx that names the template, soon, never a 500."""

from __future__ import annotations

import time

from integration.server.serving import Served
from unit.templates.test_hostile import ENDED, INPUT


def test_a_preview_says_what_is_wrong(served: Served) -> None:
    client = served.requester()
    line = {key: value for key, value in INPUT.items() if key != "many"} | {"source": "x"}
    for name, template in ENDED.items():
        spec = {"name": "birds", "task_type": "custom", "template": f"{template}<crowd-form></crowd-form>"}
        begun = time.process_time()
        refused = client.post("/api/v1/jobs/preview", json={"spec": spec, "line": line})
        assert time.process_time() - begun < 6, name
        if refused.status_code == 200:  # without its input it comes to nothing
            assert "many" in template
        else:
            assert refused.status_code == 422, (name, refused.text)
            assert refused.json()["error"]["field"] in ("template", "spec.template")
