"""No store is given a secret that can be read without the server's key, and one of before is sealed at upgrade."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyotp
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from first_version import first_version_url
from groundswell.bootstrap import open_seals, open_store
from groundswell.domain.errors import Unsealable
from groundswell.domain.people import Principal, Role
from groundswell.hooks.packing import pack
from groundswell.seals import SecretBoxes
from groundswell.service import hooks, two_step, webhooks
from groundswell.service import sign_in as coming_in
from groundswell.service.context import Context
from groundswell.service.passwords import hash_password
from groundswell.service.ports import Store
from groundswell.settings import Settings
from groundswell.store import migrate
from groundswell.testing.acting import acting, acts_over
from groundswell.wire.accounts import SignIn
from groundswell.wire.hooks import NewHook
from groundswell.wire.webhooks import NewWebhook
from store_work import START, add_worker, do

PASSWORD = "correct horse battery"
CODE = b64encode(pack({"prepare.py": b"def lambda_handler(event, context): return event\n"})).decode()


@pytest.fixture
def acts(store: Store) -> Context:
    return replace(acts_over(store, clock=lambda: START), seals=SecretBoxes(b"the server's"))


@pytest.fixture
def ada(store: Store) -> Principal:
    account = add_worker(store, "ada", roles=frozenset({Role.ADMINISTRATOR}))
    do(store, lambda tx: tx.workers.update(account.id, password_hash=hash_password(PASSWORD)))
    return acting(account)


def sign_in(acts: Context, ada: Principal, code: str) -> None:
    coming_in.sign_in(acts, SignIn(email=ada.account.email, password=PASSWORD, code=code), network="n")


def test_what_an_authenticator_shares_is_sealed(acts: Context, ada: Principal) -> None:
    secret = two_step.begin(acts, ada).secret
    kept = acts.read(lambda tx: tx.workers.two_step(ada.id))
    assert kept is not None and secret not in kept.secret
    assert two_step.begin(acts, ada).secret == secret  # begun anew, it is the same


def test_with_another_key_codes_cannot_be_read_and_recovery_codes_still_are(acts: Context, ada: Principal) -> None:
    totp = pyotp.TOTP(two_step.begin(acts, ada).secret)
    recovery = two_step.confirm(acts, ada, totp.at(START))
    moved = replace(acts, seals=SecretBoxes(b"another"))
    with pytest.raises(Unsealable):
        sign_in(moved, ada, totp.at(START, counter_offset=1))
    sign_in(moved, ada, recovery[0])
    with pytest.raises(Unsealable):  # good for once
        sign_in(moved, ada, recovery[0])
    sign_in(acts, ada, totp.at(START, counter_offset=1))


def test_the_secret_of_an_endpoint_is_sealed(acts: Context, ada: Principal) -> None:
    made = webhooks.add(acts, ada, NewWebhook(url="https://example.com/", kinds=["*"]))
    (kept,) = acts.read(lambda tx: tx.webhooks.select(ada.workspace_id))
    assert made.secret not in kept.secret
    assert acts.seals.unseal(kept.secret).decode() == made.secret


def test_values_of_a_function_s_environment_are_sealed_and_its_process_gets_them(acts: Context, ada: Principal) -> None:
    asked = NewHook(handler="prepare.lambda_handler", code=CODE, environment={"TOKEN": "s3cret", "EMPTY": ""})
    hooks.register(acts, ada, "prepare", asked)
    kept = acts.read(lambda tx: tx.hooks.get("prepare"))
    assert set(kept.environment) == {"TOKEN", "EMPTY"} and "s3cret" not in str(kept.environment)
    assert hooks.with_secrets(acts.seals, kept).environment == asked.environment


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def plain(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database of version 0011 whose secrets are stored as they are."""
    url, made = first_version_url(request, tmp_path)
    migrate.upgrade_to(made, "0011")
    engine = create_engine(made, poolclass=NullPool)
    step = {"secret": "JBSWY3DPEHPK3PXP", "active": True, "used": 7, "recovery": ["a"]}
    with engine.begin() as connection:
        connection.execute(text("UPDATE workers SET two_step = :kept WHERE id = 'w0'"), {"kept": json.dumps(step)})
        connection.execute(
            text("INSERT INTO webhooks VALUES ('hook', 'main', 'https://x.example', '[]', 'plain', 1, 'w0', 1)")
        )
        values = {"environment": json.dumps({"TOKEN": "s3cret"})}
        connection.execute(
            text("INSERT INTO registered_hooks VALUES ('f', 1, 'f', 'f', '', '', :environment, 1, 'w0')"), values
        )
    yield url


def secrets_of(store: Store) -> tuple[str, str, str]:
    step = store.read(lambda tx: tx.workers.two_step("w0"))
    assert step is not None and (step.active, step.used, step.recovery) == (True, 7, ("a",))
    return (
        step.secret,
        store.read(lambda tx: tx.webhooks.get("hook")).secret,
        store.read(lambda tx: tx.hooks.get("f")).environment["TOKEN"],
    )


def test_an_upgrade_seals_what_was_plain(plain: str, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data", database_url=plain)
    store = open_store(settings)
    kept = secrets_of(store)
    store.close()
    assert all(one.startswith("sealed:") for one in kept)
    assert [open_seals(settings).unseal(one) for one in kept] == [b"JBSWY3DPEHPK3PXP", b"plain", b"s3cret"]
