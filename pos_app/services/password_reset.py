"""A lost password: a link by mail, good once and for a day, told to nobody but the mailbox.

Asking leaves a row and does nothing else, so that it takes the same whether the address is
somebody's or not; the server's background work looks it up and writes the mail.
"""

from __future__ import annotations

import secrets
from datetime import timedelta

import structlog
from sqlalchemy import Connection, RowMapping

from pos_app.domain.mail import Mail, MailInvalid
from pos_app.domain.password import (
    ASKED_MOST,
    ASKED_WITHIN,
    TOKEN_LIFE,
    PasswordsDiffer,
    ResetAskedTooOften,
    ResetTokenInvalid,
)
from pos_app.services import password
from pos_app.services.mail import queue
from pos_app.services.session import digest
from pos_app.services.shop import Shop
from pos_app.services.worked import Worked
from pos_app.store import audit
from pos_app.store import password as passwords
from pos_app.store import user as users
from pos_app.store.user import StoredUser

log = structlog.get_logger(__name__)
KIND = "password-reset"
KEPT = timedelta(days=7)
ONCE = 20
"""Requests in one go."""


def ask(shop: Shop, email: str, *, address: str) -> None:
    """Keep a request for a mail; whether anybody gets one is told to nobody.

    Raises:
        ResetAskedTooOften: five requests came from this address within an hour.
    """
    now = shop.clock.now()
    with shop.store.write() as connection:
        past = passwords.asked_from(connection, address, since=now - ASKED_WITHIN)
        if len(past) >= ASKED_MOST:
            wait = past[-ASKED_MOST] + ASKED_WITHIN - now
            raise ResetAskedTooOften(wait // timedelta(seconds=1) + 1)
        row = {"id": shop.ids.new(), "email": email.strip(), "address": address, "asked_at": now}
        passwords.ask(connection, row)


def work(shop: Shop, *, page: str) -> Worked:
    """Look up who asked and write the mails; any number of processes may.

    Args:
        shop: the server.
        page: address of the page a link leads to; empty: the mail holds the code alone.
    """
    with shop.store.read() as connection:
        if passwords.next_request(connection) is None:
            return Worked()
    done = 0
    while done < ONCE and _answer_next(shop, page):
        done += 1
    return Worked(done=done)


def tidy(shop: Shop) -> None:
    """Forget requests of last week."""
    with shop.store.write() as connection:
        passwords.drop_old(connection, shop.clock.now() - KEPT)


def check(shop: Shop, token: str) -> None:
    """Say whether a token is still good.

    Raises:
        ResetTokenInvalid: unknown, used, or over.
    """
    _owner(shop, token)


def complete(shop: Shop, token: str, new: str, *, repeated: str) -> None:
    """Set a new password by a token; sessions end, the lock is lifted, the token is used up.

    A second factor stays in force: the mailbox alone lets nobody in who has one (ASVS 5.0 6.4.3).

    Raises:
        ResetTokenInvalid: unknown, used, or over.
        PasswordsDiffer, SecretTooWeak, PasswordUsedBefore: not this one; the token stays good.
    """
    stored = _owner(shop, token)
    if new != repeated:
        raise PasswordsDiffer
    fresh = password.prepare(shop, stored, new)
    with shop.store.write() as connection:
        if not passwords.use_token(connection, digest(token), now=shop.clock.now()):
            raise ResetTokenInvalid
        password.put(shop, connection, fresh, by=stored.user.username, action="password.reset")


def _owner(shop: Shop, token: str) -> StoredUser:
    with shop.store.read() as connection:
        user_id = passwords.by_token(connection, digest(token), now=shop.clock.now())
        stored = users.by_id(connection, user_id) if user_id else None
    if stored is None or not stored.user.is_active:
        raise ResetTokenInvalid
    return stored


def _answer_next(shop: Shop, page: str) -> bool:
    now = shop.clock.now()
    with shop.store.write() as connection:
        row = passwords.next_request(connection, lock=True)
        if row is None:
            return False
        found = users.by_email(connection, row["email"])
        values = {"worked_at": now, "user_id": found.user.id if found else ""}
        if found is not None and _is_due(shop, connection, found, row):
            values |= _write(shop, connection, found, page=page)
        passwords.answer(connection, row["id"], values)
    return True


def _is_due(shop: Shop, connection: Connection, found: StoredUser, row: RowMapping) -> bool:
    """Whether a mail is written: not to whoever is kept out, not late, and no flood of them."""
    since = shop.clock.now() - ASKED_WITHIN
    return (
        found.user.is_active
        and row["asked_at"] > since
        and queue.is_on(shop)
        and passwords.answered(connection, found.user.id, since=since) < ASKED_MOST
    )


def _write(
    shop: Shop, connection: Connection, found: StoredUser, *, page: str
) -> dict[str, object]:
    """Queue the mail; what the row keeps of it is a hash and when it ends."""
    token, name = secrets.token_urlsafe(32), found.user.username
    ends = shop.clock.now() + TOKEN_LIFE
    audit.append(
        connection,
        at=shop.clock.now(),
        actor=name,
        action="password.ask_reset",
        subject=name,
        details={},
    )
    try:
        queue.queue(
            shop,
            connection,
            _letter(shop, found, token, page=page),
            kind=KIND,
            by="",
            good_until=ends,
        )
    except MailInvalid as error:
        log.warning("reset_not_sent", username=name, why=error.sentence)
        return {}
    passwords.void_tokens(connection, found.user.id)
    return {"hash": digest(token), "expires_at": ends}


def _letter(shop: Shop, found: StoredUser, token: str, *, page: str) -> Mail:
    name = shop.rules.seller.name
    way = f"Open this page:\n{page}?token={token}" if page else f"Your code is:\n{token}"
    hours = TOKEN_LIFE // timedelta(hours=1)
    text = (
        f"Somebody asked for a new password of user {found.user.username} at {name}.\n\n"
        f"{way}\n\n"
        f"It is good once and for {hours} hours. If you did not ask, leave it: nothing changes.\n"
    )
    return Mail(to=(found.email,), subject=f"{name}: a new password", text=text)
