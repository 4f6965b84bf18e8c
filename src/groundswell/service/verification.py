"""Whether an address is its account's: a letter with a link asks, or an administrator or an invitation says so."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from groundswell.domain import events
from groundswell.domain.errors import Conflict, GroundswellError, NotFound, Unavailable
from groundswell.domain.people import Account, Principal, Token
from groundswell.service.context import Context
from groundswell.service.ports import Mail, Transaction
from groundswell.service.tokens import new_token, token_digest

KIND = "verify"  # of the token in a letter's link; it lets nobody in
_DAYS = 7
_PAUSE = timedelta(minutes=2)
log = logging.getLogger(__name__)


def ask(context: Context, account: Account) -> None:
    """Send the letter, where letters can be sent; it is not waited for."""
    mail = context.mail
    if mail is None or account.verified:
        return
    secret, now = new_token(), context.clock()
    token = Token(token_digest(secret), account.id, KIND, "", now, now + timedelta(days=_DAYS), account.home)
    context.write(lambda tx: tx.workers.add_token(token))
    link = f"{context.limits.base_url}/verify/{secret}"
    context.aside.submit(_send, mail, account, link)


def ask_again(context: Context, principal: Principal) -> None:
    """Send another letter; raises Conflict when the address is verified or one was sent just now."""
    sent = context.read(lambda tx: tx.workers.tokens(KIND, worker_id=principal.id))
    account = context.read(lambda tx: tx.workers.get(principal.id))
    if account.verified:
        raise Conflict("this address is confirmed already")
    if context.mail is None:
        raise Unavailable("this server sends no letters: ask an administrator to confirm your address")
    if sent and context.clock() - sent[-1].created_at < _PAUSE:
        raise Conflict("a letter was sent just now; look for it, and ask again in two minutes")
    ask(context, account)


def confirm(context: Context, secret: str) -> Account:
    """The address of the account that a letter's link was made for is verified; raises NotFound for an old link."""
    digest, now = token_digest(secret), context.clock()

    def work(tx: Transaction) -> Account:
        found = tx.workers.by_token(digest, at=now)
        if found is None or found[1].kind != KIND:
            raise NotFound("this link is not valid any more; sign in and ask for another letter on your account's page")
        for token in tx.workers.tokens(KIND, worker_id=found[0].id):
            tx.workers.drop_token(token.digest)
        return verify(tx, found[0], by=found[0].id, at=now)

    account = context.write(work)
    context.forget_account(account.id)
    return account


def verify(tx: Transaction, account: Account, *, by: str, at: datetime) -> Account:
    """Note that an address is its account's."""
    if account.verified:
        return account
    tx.record(events.AccountVerified(at=at, actor=by, workspace=account.home, account=account.id))
    return tx.workers.update(account.id, verified=True)


def _send(mail: Mail, account: Account, link: str) -> None:
    text = (
        f"Hello {account.name},\n\nsomebody, hopefully you, made an account at Groundswell with this address. "
        f"Confirm that it is yours:\n\n{link}\n\nThe link works for {_DAYS} days. If it was not you, do nothing.\n"
    )
    try:
        mail.send(account.email, "Confirm your address", text)
    except GroundswellError as error:
        log.warning("the letter to confirm the address of account %s was not sent: %s", account.id, error)
