"""The second step of signing in: codes of an authenticator (TOTP, RFC 6238), and recovery codes for when it is lost."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

import pyotp

from groundswell.domain import events
from groundswell.domain.errors import Conflict, InvalidInput, Unauthenticated
from groundswell.domain.people import Principal, TwoStep
from groundswell.service.context import Context
from groundswell.service.ports import Seals, Transaction
from groundswell.service.tokens import token_digest

RECOVERY_CODES = 8
_WINDOW = 1  # periods that a clock may be off, either way
T = TypeVar("T")


@dataclass(frozen=True)
class Setup:
    """What an authenticator is told."""

    secret: str  # base32
    uri: str  # otpauth://


def begin(context: Context, principal: Principal) -> Setup:
    """A new secret for an authenticator, in force once `confirm` has seen a code of it; raises Conflict if it is on."""
    fresh = pyotp.random_base32()
    sealed = context.seals.seal(fresh.encode())

    def work(tx: Transaction) -> str:
        found = tx.workers.two_step(principal.id)
        if found is not None and found.active:
            raise Conflict("the second step is on already; turn it off first")
        if found is None:
            tx.workers.set_two_step(principal.id, TwoStep(sealed))
        return fresh if found is None else _secret(context.seals, found)

    secret = context.write(work)
    return Setup(secret, pyotp.TOTP(secret, name=principal.account.email, issuer="Groundswell").provisioning_uri())


def confirm(context: Context, principal: Principal, code: str) -> list[str]:
    """Turn the second step on with a first code; the recovery codes, told this once. Raises InvalidInput, Conflict."""
    codes = [f"{secrets.token_hex(3)}-{secrets.token_hex(3)}" for _ in range(RECOVERY_CODES)]
    now = context.clock()

    def work(tx: Transaction) -> None:
        found = tx.workers.two_step(principal.id)
        if found is None or found.active:
            raise Conflict("there is nothing to confirm: begin to set the second step up")
        used = _period(_secret(context.seals, found), code, now, newer_than=found.used)
        if used is None:
            raise InvalidInput("this is not the code that the authenticator shows now", field="code")
        on = replace(found, active=True, used=used, recovery=tuple(token_digest(one) for one in codes))
        _change(tx, principal, on, now)

    _written(context, principal, work)
    return codes


def end(context: Context, principal: Principal, code: str) -> None:
    """Turn the second step off, with a code of it; raises InvalidInput, Conflict, TooManyRequests for who guesses."""
    now = context.clock()

    def work(tx: Transaction) -> None:
        found = tx.workers.two_step(principal.id)
        if found is None or not found.active:
            raise Conflict("the second step is not on")
        if not fits(context, tx, principal.id, code, at=now):
            raise Unauthenticated("this is neither the code shown now nor a recovery code", field="code")
        _change(tx, principal, None, now)

    try:
        with context.sign_ins.proving(principal.account):
            _written(context, principal, work)
    except Unauthenticated as error:  # of the code: the session is good, and stays
        raise InvalidInput(error.message, field=error.field) from error


def fits(context: Context, tx: Transaction, account_id: str, code: str, *, at: datetime) -> bool:
    """Whether this is a code that is good now; it is used up by asking."""
    found = tx.workers.two_step(account_id)
    if found is None or not found.active:
        return False
    digest = token_digest(code.strip().lower())
    if digest in found.recovery:  # looked at first: they are good even where the secret cannot be read any more
        left = tuple(one for one in found.recovery if one != digest)
        tx.workers.set_two_step(account_id, replace(found, recovery=left))
        return True
    used = _period(_secret(context.seals, found), code, at, newer_than=found.used)
    if used is not None:
        tx.workers.set_two_step(account_id, replace(found, used=used))
    return used is not None


def _secret(seals: Seals, step: TwoStep) -> str:
    return seals.unseal(step.secret).decode()


def _period(secret: str, code: str, at: datetime, *, newer_than: int) -> int | None:
    """The period whose code this is, if it is one of now and newer than the last used."""
    totp = pyotp.TOTP(secret)
    digits = code.strip().replace(" ", "")
    now = totp.timecode(at)
    periods = (period for period in range(now - _WINDOW, now + _WINDOW + 1) if period > newer_than)
    return next(
        (one for one in periods if secrets.compare_digest(totp.generate_otp(one).encode(), digits.encode())), None
    )


def _change(tx: Transaction, principal: Principal, step: TwoStep | None, at: datetime) -> None:
    tx.workers.set_two_step(principal.id, step)
    on = step is not None
    tx.record(
        events.TwoStepChanged(
            at=at, actor=principal.id, workspace=principal.workspace_id, account=principal.id, active=on
        )
    )


def _written(context: Context, principal: Principal, work: Callable[[Transaction], T]) -> T:
    done = context.write(work)
    context.forget_account(principal.id)
    return done
