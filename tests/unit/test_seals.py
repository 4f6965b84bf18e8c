"""Secrets at rest: what is sealed is read with the same key only."""

from __future__ import annotations

import pytest

from groundswell.domain.errors import Unsealable
from groundswell.seals import SecretBoxes
from groundswell.service.ports import Seals
from groundswell.testing.memory_seals import MemorySeals

KEY = b"the server's own secret"


@pytest.fixture(params=[lambda: SecretBoxes(KEY), MemorySeals], ids=["libsodium", "memory"])
def seals(request: pytest.FixtureRequest) -> Seals:
    made: Seals = request.param()
    return made


@pytest.mark.parametrize("secret", [b"", b"JBSWY3DPEHPK3PXP", "pässword".encode(), bytes(range(256)), b"sealed:1:x"])
def test_what_is_sealed_is_read(seals: Seals, secret: bytes) -> None:
    kept = seals.seal(secret)
    assert seals.unseal(kept) == secret
    assert not secret or secret.decode("latin1") not in kept


def test_what_was_kept_before_there_were_seals_is_the_secret(seals: Seals) -> None:
    assert seals.unseal("JBSWY3DPEHPK3PXP") == b"JBSWY3DPEHPK3PXP"


def test_no_two_seals_are_alike() -> None:
    seals = SecretBoxes(KEY)
    assert seals.seal(b"secret") != seals.seal(b"secret")


def test_what_was_changed_or_cut_is_refused() -> None:
    kept = SecretBoxes(KEY).seal(b"a secret of some length")
    changed = kept[:-6] + ("A" if kept[-6] != "A" else "B") + kept[-5:]
    for bad in (changed, kept[:-8], kept[:20], "sealed:1:", "sealed:1:no base64!", "sealed:1:ü"):
        with pytest.raises(Unsealable):
            SecretBoxes(KEY).unseal(bad)


def test_another_key_reads_nothing_and_says_what_to_do() -> None:
    with pytest.raises(Unsealable, match="GROUNDSWELL_SECRET_KEY"):
        SecretBoxes(b"another").unseal(SecretBoxes(KEY).seal(b"secret"))
