"""Passwords: whether a new one is good enough, and putting it in force."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection
from zxcvbn import zxcvbn

from pos_app.domain.password import (
    PAST,
    CurrentPasswordWrong,
    PasswordMoved,
    PasswordsDiffer,
    PasswordUsedBefore,
)
from pos_app.domain.permission import Actor
from pos_app.domain.user import (
    Lockout,
    SecretTooWeak,
    SignInRefused,
    check_new_password,
)
from pos_app.services import credential, guess, notice
from pos_app.services.shop import Shop
from pos_app.store import audit, feed, session
from pos_app.store import password as passwords
from pos_app.store import two_factor as factors
from pos_app.store import user as users
from pos_app.store.user import StoredUser

LEAST_SCORE = 2
"""Of zxcvbn, 0 to 4: below it a million guesses find it; the common ones lie far below."""

LOOKED_AT = 72
"""So many characters are looked at; what is longer and fails is none the better."""

GIVEN = "given_password"
"""Where the mark of such a password is kept; a new one does not fit it any more."""

OUR_WORDS = ("pos", "shop", "till", "cashier", "manager", "admin", "password", "shopinventory")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh:
    """A new password of somebody, checked and hashed, not yet in force.

    Attributes:
        was: the verifier it takes the place of.
    """

    user_id: str
    username: str
    email: str
    was: str
    verifier: str


def check(password: str, words: Iterable[str] = ()) -> str:
    """Return a new password if it is mixed enough and none of those that are guessed first.

    Args:
        password: what somebody wants.
        words: names and the like that belong to that somebody (ASVS 5.0 6.2.11).

    Raises:
        SecretTooWeak: it is short, of one kind of characters, or common (ASVS 5.0 6.2.1, 6.2.4).
    """
    check_new_password(password)
    own = [part for word in words for part in (word, *word.replace("@", ".").split(".")) if part]
    found = zxcvbn(password[:LOOKED_AT], user_inputs=[*OUR_WORDS, *own])
    if found["score"] < LEAST_SCORE:
        raise SecretTooWeak("is one of the first that are guessed")
    return password


def prepare(shop: Shop, stored: StoredUser, new: str) -> Fresh:
    """Check a new password of somebody who is there, and hash it; it takes a while.

    Raises:
        SecretTooWeak: as `check`.
        PasswordUsedBefore: it is one of the last ones.
    """
    check(new, words_of(stored))
    with shop.store.read() as connection:
        past = passwords.past(connection, stored.user.id, limit=PAST - 1)
    for verifier in (stored.password_hash, *past):
        if credential.matches(verifier, new):
            raise PasswordUsedBefore
    return Fresh(
        user_id=stored.user.id,
        username=stored.user.username,
        email=stored.email,
        was=stored.password_hash,
        verifier=credential.digest(new),
    )


def put(shop: Shop, connection: Connection, fresh: Fresh, *, by: str, action: str) -> None:
    """Put a new password in force: sessions end everywhere, locks and links in mails are void.

    Raises:
        PasswordMoved: it was changed after it was looked at.
    """
    now = shop.clock.now()
    audit.append(connection, at=now, actor=by, action=action, subject=fresh.username, details={})
    if not users.set_password(connection, fresh.user_id, fresh.verifier, was=fresh.was, at=now):
        raise PasswordMoved
    if fresh.was:
        passwords.keep(connection, fresh.user_id, fresh.was, at=now, most=PAST - 1)
    passwords.void_tokens(connection, fresh.user_id)
    factors.drop_challenge(connection, fresh.user_id)
    users.set_password_lockout(connection, fresh.user_id, Lockout())
    session.end_all(connection, fresh.user_id, at=now, reason="password changed")
    notice.tell(shop, connection, fresh.username, fresh.email, what="Your password was changed.")
    feed.changed_all(connection, [("user", fresh.user_id)])


def change(shop: Shop, actor: Actor, current: str, new: str, *, repeated: str) -> None:
    """Change the own password; every session ends, this one too (contract §2.1).

    Raises:
        PasswordsDiffer, CurrentPasswordWrong: what was typed is not right.
        OwnSecretLocked: too many were wrong.
        SecretTooWeak, PasswordUsedBefore, PasswordMoved: not this one.
    """
    if new != repeated:
        raise PasswordsDiffer
    stored = prove(shop, actor, current)
    fresh = prepare(shop, stored, new)
    with shop.store.write() as connection:
        put(shop, connection, fresh, by=actor.username, action="password.change")


def prove(shop: Shop, actor: Actor, current: str) -> StoredUser:
    """Whoever is signed in shows the password again before something that matters (ASVS 7.5.1).

    Raises:
        CurrentPasswordWrong: wrong; it counts like a wrong sign-in.
        OwnSecretLocked: too many were wrong.
    """
    with shop.store.read() as connection:
        stored = users.by_id(connection, actor.user_id)
    if stored is None:
        raise SignInRefused
    guess.check_own(shop, stored)
    if not credential.matches(stored.password_hash, current):
        guess.wrong(shop, stored, stored.user.username, address="", action="password.refuse")
        raise CurrentPasswordWrong
    return stored


def given(verifier: str) -> dict[str, str]:
    """What is kept of a user whose password others were given, too; the verifier tells nothing."""
    return {GIVEN: hashlib.sha256(verifier.encode()).hexdigest()}


def is_given(stored: StoredUser) -> bool:
    """Whether somebody still has the password that others were given, too."""
    kept = stored.profile.get(GIVEN)
    return kept is not None and kept == given(stored.password_hash)[GIVEN]


def words_of(stored: StoredUser) -> tuple[str, ...]:
    """What somebody who knows the user would try first."""
    return (stored.user.username, stored.email, *stored.user.name.split())
