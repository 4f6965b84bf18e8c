"""The API against its own OpenAPI document: whatever schemathesis makes of it, no answer is a 5xx."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from groundswell.domain.people import Role
from integration.server.serving import picture_lines, serve, shapes_spec, store_pictures
from random_examples import examples

SIGNING_OUT = ("DELETE", "/api/v1/sessions")


def test_nothing_the_document_allows_makes_a_route_fail(tmp_path: Path) -> None:
    served = serve(tmp_path)
    store_pictures(served.storage, 3)
    served.job(shapes_spec(), picture_lines(3))
    headers = {"Authorization": f"Bearer {served.token('ada', Role.ADMINISTRATOR, Role.REQUESTER, Role.WORKER)}"}
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", served.app)
    failed: list[str] = []
    tried = 0
    for found in schema.get_all_operations():
        operation = found.ok()  # type: ignore[union-attr]  # our own document is valid
        if (operation.method.upper(), operation.path) == SIGNING_OUT:
            continue
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):

            @given(operation.as_strategy(generation_mode=mode))
            @settings(max_examples=examples(3), suppress_health_check=list(HealthCheck))
            def attempt(case: schemathesis.Case[Any]) -> None:
                nonlocal tried
                tried += 1
                answer = case.call(headers=headers)
                if answer.status_code >= 500:
                    failed.append(f"{answer.status_code} {case.as_curl_command()[:400]}")

            try:
                attempt()
            except Unsatisfiable:
                continue  # an operation without parameters cannot be asked wrongly
            except Exception as error:  # one that raises is a failure of ours as well
                failed.append(f"{operation.method} {operation.path}: {error!r:.400}")
    assert failed == [], "\n".join(failed)
    assert tried > 150
