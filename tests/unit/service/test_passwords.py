"""Passwords: which are refused, and that a hash fits its own."""

from __future__ import annotations

import pytest

from groundswell.domain.errors import InvalidInput
from groundswell.service.passwords import hash_password, password_fits


@pytest.mark.parametrize(
    "password",
    [
        "password1",
        "12345678",
        "qwertyuiop",
        "iloveyou",
        "letmein123",
        "sunshine99",
        "aaaaaaaaaaaa",
        "19840512",
        "short",
    ],
)
def test_what_is_tried_first_is_refused(password: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        hash_password(password)
    assert caught.value.field == "password" and password not in caught.value.message


def test_a_password_made_of_what_others_know_is_refused() -> None:
    hash_password("nora.winterberg1")
    with pytest.raises(InvalidInput):
        hash_password("nora.winterberg1", about=("nora.winterberg@example.com", "Nora"))


def test_a_long_one_is_judged_in_no_time() -> None:
    password = "correct horse battery staple " * 30
    assert password_fits(password, hash_password(password))
    assert not password_fits("correct horse battery staple", hash_password(password))
