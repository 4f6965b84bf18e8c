"""Signed links hold exactly what was signed, for its purpose and its time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundswell.domain.errors import Forbidden
from groundswell.server.signing import Signer

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
SIGNER = Signer("a secret")


@given(st.text())
def test_payload_comes_back(payload: str) -> None:
    token = SIGNER.sign("media", payload, expires_at=NOW)
    assert SIGNER.verify("media", token, at=NOW) == payload


def test_expired_link_is_refused() -> None:
    token = SIGNER.sign("media", "x", expires_at=NOW)
    with pytest.raises(Forbidden, match="expired"):
        SIGNER.verify("media", token, at=NOW + timedelta(seconds=1))


@pytest.mark.parametrize(
    ("purpose", "change"),
    [
        ("frame", lambda token: token),  # made for another purpose
        ("media", lambda token: token[:-2]),  # cut short
        ("media", lambda token: "eA" + token),  # another payload
        ("media", lambda token: token.replace(".1", ".2", 1)),  # a later end
        ("media", lambda token: ""),
        ("media", lambda token: "ü.1.ü"),
    ],
)
def test_forged_link_is_refused(purpose: str, change) -> None:  # type: ignore[no-untyped-def]
    token = SIGNER.sign("media", "x", expires_at=NOW)
    with pytest.raises(Forbidden, match="not made by this server"):
        SIGNER.verify(purpose, change(token), at=NOW)


def test_another_key_is_refused() -> None:
    token = SIGNER.sign("media", "x", expires_at=NOW)
    with pytest.raises(Forbidden):
        Signer("another").verify("media", token, at=NOW)
