"""The second step of signing in: set up, asked for, recovery codes, and required of administrators."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyotp
import pytest

from groundswell.domain.people import Role
from integration.server.serving import PASSWORD, Served, serve


def code_of(served: Served, secret: str) -> str:
    return pyotp.TOTP(secret).at(served.clock())


def turned_on(served: Served, client: Any) -> tuple[str, list[str]]:
    """The secret and the recovery codes."""
    secret = client.post("/api/v1/me/two-step").json()["secret"]
    wrong = client.put("/api/v1/me/two-step", json={"code": "000000"})
    assert wrong.status_code == 422 and wrong.json()["error"]["field"] == "code"
    codes = client.put("/api/v1/me/two-step", json={"code": code_of(served, secret)}).json()["recovery_codes"]
    return secret, codes


def sign_in(served: Served, name: str, code: str | None = None) -> Any:
    body = {"email": f"{name}@example.com", "password": PASSWORD} | ({"code": code} if code else {})
    return served.client().post("/api/v1/sessions", json=body)


def test_signing_in_asks_for_a_code_that_is_good_once(served: Served) -> None:
    secret, _ = turned_on(served, served.administrator())
    refused = sign_in(served, "ada")
    assert refused.status_code == 401 and refused.json()["error"]["field"] == "code"
    assert sign_in(served, "ada", code_of(served, secret)).status_code == 401  # used to turn it on
    served.clock.turn(seconds=60)
    code = code_of(served, secret)
    assert sign_in(served, "ada", code).status_code == 201
    assert sign_in(served, "ada", code).status_code == 401
    served.clock.turn(minutes=10)
    assert sign_in(served, "ada", code).status_code == 401  # of long ago


def test_the_password_is_asked_first(served: Served) -> None:
    turned_on(served, served.administrator())
    body = {"email": "ada@example.com", "password": "wrong password"}
    assert served.client().post("/api/v1/sessions", json=body).json()["error"]["field"] == "password"


def test_codes_are_not_guessed(served: Served) -> None:
    turned_on(served, served.administrator())
    statuses = [sign_in(served, "ada", f"{guess:06}").status_code for guess in range(12)]
    assert statuses[:10] == [401] * 10 and statuses[10:] == [429, 429]


def test_each_recovery_code_is_good_once(served: Served) -> None:
    _, codes = turned_on(served, served.administrator())
    assert len(set(codes)) == 8
    assert sign_in(served, "ada", codes[3].upper()).status_code == 201
    assert sign_in(served, "ada", codes[3]).status_code == 401
    assert sign_in(served, "ada", codes[4]).status_code == 201


def test_it_is_turned_off_with_a_code_or_by_an_administrator(served: Served) -> None:
    nora = served.signed_in("nora")
    _, codes = turned_on(served, nora)
    assert nora.post("/api/v1/me/two-step/end", json={"code": "123456"}).status_code == 422
    assert nora.post("/api/v1/me/two-step/end", json={"code": codes[0]}).status_code == 204
    assert sign_in(served, "nora").status_code == 201
    turned_on(served, nora)
    served.administrator().patch(f"/api/v1/workers/{served.people['nora'].id}", json={"two_step": False})
    assert sign_in(served, "nora").status_code == 201


def test_a_session_does_not_guess_codes(served: Served) -> None:
    nora = served.signed_in("nora")
    _, codes = turned_on(served, nora)
    statuses = [nora.post("/api/v1/me/two-step/end", json={"code": f"{guess:06}"}).status_code for guess in range(12)]
    assert statuses == [422] * 10 + [429] * 2
    assert nora.post("/api/v1/me/two-step/end", json={"code": codes[0]}).status_code == 429
    assert served.administrator().post("/api/v1/me/two-step/end", json={"code": "1"}).status_code == 409


def test_the_pages_set_it_up_and_ask_for_it(served: Served) -> None:
    client = served.administrator()
    page = client.get("/account/two-step").text
    secret = page.split('aria-label="The key"')[0].rsplit('value="', 1)[1].split('"')[0]
    done = client.post("/account", data={"what": "two-step", "code": code_of(served, secret)})
    assert done.headers["location"] == "/account"
    assert "Keep these recovery codes" in client.get("/account").text
    assert "Keep these recovery codes" not in client.get("/account").text
    visitor, form = served.client(), {"email": "ada@example.com", "password": PASSWORD}
    asked = visitor.post("/signin", data=form)
    assert asked.status_code == 422 and 'name="code"' in asked.text
    served.clock.turn(seconds=60)
    assert visitor.post("/signin", data=form | {"code": code_of(served, secret)}).status_code == 303


@pytest.fixture
def strict(tmp_path: Path) -> Any:
    made = serve(tmp_path / "strict", require_two_step=True)
    yield made
    made.store.close()


def test_where_it_is_required_an_administrator_is_none_without(strict: Served) -> None:
    admin = strict.signed_in("ada", Role.ADMINISTRATOR, Role.REQUESTER)
    assert admin.get("/api/v1/keys/all").status_code == 403
    assert admin.get("/api/v1/jobs").status_code == 200  # a requester like others
    turned_on(strict, admin)
    assert admin.get("/api/v1/keys/all").status_code == 200
