"""Coming in: registering, signing in and out, who a token belongs to, the first administrator."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from groundswell.domain import events
from groundswell.domain.errors import Forbidden, NotFound, Unauthenticated
from groundswell.domain.people import MAIN, Account, Principal, Role, Token, principal_of
from groundswell.service import accounts, invitations, two_step, verification
from groundswell.service.context import Context
from groundswell.service.passwords import hash_password, password_fits
from groundswell.service.ports import Page, Transaction
from groundswell.service.tokens import new_token, token_digest
from groundswell.wire import accounts as wire

_LETS_IN = frozenset({"session", "key"})


def principal(context: Context, token: str | None) -> Principal:
    """Who a token belongs to; raises Unauthenticated. Cheap: at most one query in ten seconds a token."""
    if not token:
        raise Unauthenticated("expected a session cookie or a header `Authorization: Bearer <token>`; sign in first")
    digest = token_digest(token)
    known = context.tokens.get(digest)
    if known is None:
        now = context.clock()
        found = context.read(lambda tx: tx.workers.by_token(digest, at=now))
        if found is None or found[1].kind not in _LETS_IN:
            raise Unauthenticated("this sign-in or key is not known, has expired or was taken back; sign in again")
        known = principal_of(in_force(context, found[0]), found[1])
        context.tokens.put(digest, known)
    return known


def in_force(context: Context, account: Account) -> Account:
    """The account with the roles that count: none before its address is verified.

    Where a second step is asked of administrators, they are none without.
    """
    if not account.verified:
        account = replace(account, roles=frozenset(), memberships={})
    elif context.limits.require_two_step and not account.two_step:
        account = replace(account, roles=account.roles - {Role.ADMINISTRATOR})
    return account


def check_link_holder(context: Context, account_id: str) -> Account:
    """The account that a signed link was made for; raises NotFound once it may not sign in any more."""
    known = context.tokens.get(f"link {account_id}")
    if known is None:
        account = context.read(lambda tx: tx.workers.get(account_id))
        token = Token("", account_id, "link", "", account.created_at, None, account.home)
        known = principal_of(account, token)
        context.tokens.put(f"link {account_id}", known)
    if known.account.disabled:
        raise NotFound("this link is not valid any more; sign in and open the page it came from again")
    return known.account


def sign_in(context: Context, asked: wire.SignIn, *, network: str) -> tuple[Account, str]:
    """The account and a new session's token; raises Unauthenticated, TooManyRequests.

    `network` is where the request comes from. Failures are counted for the address from this network, for the address
    from everywhere and for the network; the error is the same, after the same time, whatever was wrong.
    """
    email = asked.email.strip().lower()
    context.sign_ins.check(email, network)
    found = context.read(lambda tx: accounts.find(tx, asked.email))
    try:
        with context.sign_ins.counting_failures(email, network):
            account = check_password(found, asked.password)
            _check_code(context, account, asked.code)
    except Unauthenticated:
        failed = events.SignInFailed(at=context.clock(), account=found[0].id if found else "", network=network)
        context.write(lambda tx: tx.record(failed))
        raise
    return account, open_session(context, account, network=network)


def sign_out(context: Context, token: str | None) -> None:
    """Drop the session of this token, if there is one."""
    if token:
        digest, now = token_digest(token), context.clock()

        def work(tx: Transaction) -> None:
            found = tx.workers.by_token(digest, at=now)
            tx.workers.drop_token(digest)
            if found is not None:
                account, ended = found
                where = ended.workspace_id
                tx.record(events.SignedOut(at=now, actor=account.id, workspace=where, account=account.id))

        context.write(work)
        context.tokens.forget_token(digest)


def register(context: Context, asked: wire.Register) -> tuple[Account, str]:
    """A worker's account for oneself and its first session's token.

    With an invitation to a team, or where registration is open without; raises Forbidden, NotFound, Conflict.
    """
    if asked.invitation is None and not context.limits.open_registration:
        raise Forbidden("this server takes new accounts by invitation only; ask for an invitation link")
    account = accounts.new_account(context, asked.email, asked.name)
    if asked.invitation is None:  # of the team `public` and no other, once the address is verified
        account = replace(account, roles=frozenset({Role.WORKER}), verified=False)
    password_hash = hash_password(asked.password, about=(account.email, account.name))
    now = context.clock()

    def work(tx: Transaction) -> Account:
        accounts.add(tx, account, password_hash=password_hash)
        if asked.invitation is not None:
            invitations.use(tx, asked.invitation, account, at=now)
        return tx.workers.get(account.id)

    made = context.write(work)
    verification.ask(context, made)
    return made, open_session(context, made)


def open_session(context: Context, account: Account, *, network: str = "") -> str:
    """A new session of an account: its token; network: the address that signs in, where known."""
    secret, now, where = new_token(), context.clock(), account.home
    expires = now + timedelta(days=context.limits.session_days)
    token = Token(token_digest(secret), account.id, "session", "", now, expires, where)

    def work(tx: Transaction) -> None:
        tx.workers.add_token(token)
        tx.record(events.SignedIn(at=now, actor=account.id, workspace=where, account=account.id, network=network))

    context.write(work)
    return secret


def has_administrator(context: Context) -> bool:
    """Whether this server has been started before."""
    return bool(context.read(lambda tx: tx.workers.page(Page(limit=1), role=Role.ADMINISTRATOR)))


def first_administrator(context: Context, *, email: str, password: str) -> Account | None:
    """The server's first administrator, who is a requester and a worker too; None when there is one already."""
    account = replace(
        accounts.new_account(context, email, ""),
        roles=frozenset({Role.ADMINISTRATOR}),
        memberships={MAIN: frozenset({Role.REQUESTER, Role.WORKER})},
    )
    password_hash = hash_password(password, about=(account.email,))

    def work(tx: Transaction) -> Account | None:
        if tx.workers.page(Page(limit=1), role=Role.ADMINISTRATOR):
            return None
        accounts.add(tx, account, password_hash=password_hash)
        return account

    return context.write(work)


def _check_code(context: Context, account: Account, code: str | None) -> None:
    """Raise Unauthenticated unless the second step, where the account has one, is done too."""
    if not account.two_step:
        return
    if not code:
        raise Unauthenticated("expected the code that your authenticator shows, or a recovery code", field="code")
    now = context.clock()
    if not context.write(lambda tx: two_step.fits(context, tx, account.id, code, at=now)):
        raise Unauthenticated("this code is not good now; wait for the next one", field="code")


def check_password(found: tuple[Account, str | None] | None, password: str) -> Account:
    """The account whose password this is; raises Unauthenticated, after the same time whatever was wrong."""
    account, password_hash = found if found else (None, None)
    if not password_fits(password, password_hash) or account is None or account.disabled:
        raise Unauthenticated("this e-mail address and password do not belong together", field="password")
    return account
