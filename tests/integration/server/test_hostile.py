"""No value that anybody can send makes the server fail: what cannot be read is a 4xx, on every route, from anybody.

The values are those that broke servers before: page keys that are no numbers, numbers past 64 bits, lone surrogates,
deep nesting, NUL, NaN, unknown words, huge ranges. Which of them meets which field is drawn with a fixed seed;
`EXAMPLES=20` draws twenty times as many, others in each run.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from starlette.testclient import TestClient

from groundswell.domain.people import Role
from integration.server.routes import Known, routes_of
from integration.server.serving import Served, picture_lines, serve, shapes_spec, store_pictures
from random_examples import TIMES

TEXTS = [
    "",
    " ",
    "0",
    "-1",
    "1e400",
    "9" * 30,
    str(2**63),
    str(-(2**63) - 1),
    "NaN",
    "null",
    "..",
    "../../etc/passwd",
    "a/b",
    "%",
    "%00",
    "%ff",
    "%F0%9F%92%A9",
    "'; DROP TABLE labeling_jobs; --",
    "{{ 1 | divided_by: 0 }}",
    "{% for i in (1..99999999) %}x{% endfor %}",
    "<script>alert(1)</script>",
    "\u202eevil",
    "x" * 3_000,
    "🦉" * 300,
    "http://[::1",
    "s3://",
    "file:///etc/passwd",
    "1 2 3",
    "everyone",
    "shapes",
]
VALUES: list[Any] = [
    None,
    True,
    0,
    -1,
    2**31,
    2**63 - 1,
    2**63,
    10**300,
    1e308,
    -0.5,
    [],
    {},
    [[]],
    [None],
    {"": ""},
    {"a": {"b": {"c": []}}},
    ["x"] * 2_000,
    *TEXTS,
]
QUERY = ["after", "limit", "state", "sort", "q", "category", "worker", "start", "since", "until", "job", "sig", "next"]
HEADERS = [
    {"Range": "bytes=" + "9" * 5_000 + "-"},
    {"Range": "bytes=-" + "1" * 30},
    {"If-None-Match": "\x7f" * 300},
    {"Authorization": "Bearer \x7f!"},
    {"Authorization": "Bearer " + "x" * 5_000},
    {"Cookie": "groundswell_session=" + "y" * 3_000},
    {"Content-Type": "multipart/form-data; boundary="},
    {"Content-Type": "multipart/form-data; boundary=" + "b" * 200},
    {"Content-Type": "application/json; charset=utf-7"},
    {"Accept": "text/html"},
    {"Accept": "*/*;q=nan"},
    {"X-Forwarded-For": "not an address"},
    {"Origin": "http://[::1"},
    {"Sec-Fetch-Site": "?"},
]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Served:
    served = serve(tmp_path_factory.mktemp("hostile"))
    store_pictures(served.storage, 4)
    served.job(shapes_spec(), picture_lines(4))
    return served


def quiet(served: Served, token: str | None) -> TestClient:
    """A client that is told of a 500 as an answer."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return TestClient(served.app, headers=headers, follow_redirects=False, raise_server_exceptions=False)


@pytest.fixture(scope="module")
def people(served: Served) -> dict[str, TestClient]:
    return {
        "nobody": quiet(served, None),
        "worker": quiet(served, served.token("nora", Role.WORKER)),
        "requester": quiet(served, served.token("rita", Role.REQUESTER, Role.WORKER)),
        "administrator": quiet(served, served.token("ada", Role.ADMINISTRATOR, Role.REQUESTER, Role.WORKER)),
    }


def filled(path: str, draw: random.Random, *, hostile: bool) -> str:
    there = {"name": "shapes", "job": "shapes", "n": "0", "step": "1"}
    return re.sub(
        r"{(\w+)(:path)?}",
        lambda part: (
            re.sub(r"[\x00-\x1f?#]", "", draw.choice(TEXTS)) or "x" if hostile else there.get(part.group(1), "unknown")
        ),
        path,
    )


def body_of(draw: random.Random, fields: list[str]) -> Any:
    if draw.random() < 0.2:
        return draw.choice(VALUES)
    return {draw.choice(fields): draw.choice(VALUES) for _ in range(draw.randint(1, 4))}


FIELDS = sorted(
    "name email password roles title task_type input output labels instructions workers consolidation stop_when hooks "
    "template answer time_spent_s draft holding preferences numbers days max_uses team kind description manager add "
    "disabled invitation shared workspace key_id per_object price_usd budget_usd what worker role-worker uri".split()
)


def attempts(known: Known, draw: random.Random) -> Iterator[dict[str, Any]]:
    """A few requests to one route."""
    for hostile, _ in product((False, True), range(2 * TIMES)):
        asked: dict[str, Any] = {"url": filled(known.path, draw, hostile=hostile)}
        asked["params"] = {draw.choice(QUERY): draw.choice(TEXTS) for _ in range(draw.randint(0, 3))}
        asked["headers"] = dict(draw.choice(HEADERS)) if draw.random() < 0.4 else {}
        if known.method in ("POST", "PUT", "PATCH", "DELETE"):
            body = body_of(draw, FIELDS)
            if known.path.startswith("/api/"):
                asked["json"] = body
            else:
                asked["data"] = (
                    {key: str(value)[:4_000] for key, value in body.items()} if isinstance(body, dict) else {}
                )
                asked["headers"].setdefault("Sec-Fetch-Site", "same-origin")
        yield asked


@pytest.mark.parametrize("person", ["nobody", "worker", "requester", "administrator"])
def test_no_value_makes_a_route_fail(served: Served, people: dict[str, TestClient], person: str) -> None:
    draw = random.Random(f"{person} 20261128") if TIMES == 1 else random.Random()
    client, failed = people[person], []
    for known in routes_of(served.app):
        if known.path == "/signout" or known == Known("DELETE", "/api/v1/sessions"):
            continue  # who asks would be somebody else from there on
        for asked in attempts(known, draw):
            answer = client.request(known.method, **asked)
            if answer.status_code >= 500:
                failed.append(f"{answer.status_code} {known.method} {asked!r:.400}")
    assert failed == []


JSON_BODIES = [
    b"",
    b"{",
    b"[]",
    b"null",
    b'"text"',
    b"NaN",
    b'{"name": "\\ud800"}',
    b'{"name": "\xff"}',
    b'{"name": "a\\u0000"}',
    b'{"labels": ' + b"[" * 500 + b"]" * 500 + b"}",
    b'{"time_spent_s": 1e999}',
    b'{"n": 123456789012345678901234567890}',
    b'{"a": 1, "a": 2}',
    b"\xef\xbb\xbf{}",
]


def test_no_body_makes_a_route_fail(served: Served, people: dict[str, TestClient]) -> None:
    failed = []
    for known in routes_of(served.app):
        if known.method not in ("POST", "PUT", "PATCH") or not known.path.startswith("/api/"):
            continue
        path = filled(known.path, random.Random(1), hostile=False)
        for body in JSON_BODIES:
            headers = {"Content-Type": "application/json"}
            answer = people["administrator"].request(known.method, path, content=body, headers=headers)
            if answer.status_code >= 500:
                failed.append(f"{answer.status_code} {known.method} {path} {body[:60]!r}")
    assert failed == []
