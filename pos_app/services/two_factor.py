"""The second factor of a user: set up, proven, used, replaced, and taken away.

The secret is sealed at rest and stays on the server; tills never have it. A code is good once
(RFC 6238 §5.2); a backup code too, and its verifier is as costly as that of a password, since ten
characters are fewer than a stolen table should be safe with (ASVS 5.0 6.5.1, 6.5.2).
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import datetime

import pyotp
from pyotp.utils import strings_equal
from sqlalchemy import Connection, RowMapping

from pos_app.domain.permission import Actor
from pos_app.domain.two_factor import (
    ALPHABET,
    CODES,
    CodeRefused,
    TwoFactorOff,
    TwoFactorOn,
    read_backup,
    steps_around,
    written,
)
from pos_app.domain.user import SignInRefused
from pos_app.services import credential, guess, notice, password
from pos_app.services.seal import Seal
from pos_app.services.shop import Shop
from pos_app.store import audit, session
from pos_app.store import two_factor as factors
from pos_app.store import user as users
from pos_app.store.user import StoredUser

ISSUER = "ShopInventory"
PURPOSE = "two-factor"
"""What the seal of these secrets is made for."""

SECRET_CHARACTERS = 32
"""Base32, 160 bits (RFC 4226 §4)."""

Codes = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Whether a user signs in with a second factor."""

    is_enabled: bool
    codes_left: int
    enabled_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUp:
    """What goes into the telephone, shown once.

    Attributes:
        secret: Base32, to be typed.
        uri: the same as ``otpauth://``, to be shown as a QR code.
        codes: for a lost telephone; good once the set-up is proven.
    """

    secret: str
    uri: str
    codes: Codes


def state(shop: Shop, user_id: str) -> State:
    """Whether a user has a second factor in force, and how many backup codes are left."""
    with shop.store.read() as connection:
        row = factors.by_user(connection, user_id)
        left = factors.codes_left(connection, user_id)
    if row is None or row["enabled_at"] is None:
        return State(is_enabled=False, codes_left=0, enabled_at=None)
    return State(is_enabled=True, codes_left=left, enabled_at=row["enabled_at"])


def set_up(shop: Shop, seal: Seal, actor: Actor) -> SetUp:
    """Make a secret and ten backup codes; neither is in force before a code proves it.

    Raises:
        TwoFactorOn: there is one in force.
    """
    secret = pyotp.random_base32(SECRET_CHARACTERS)
    codes = _new_codes()
    row = {
        "user_id": actor.user_id,
        "secret": seal.close(secret, of=actor.user_id),
        "codes": seal.close(json.dumps(codes), of=actor.user_id),
    }
    with shop.store.write() as connection:
        known = factors.by_user(connection, actor.user_id, lock=True)
        if known is not None and known["enabled_at"] is not None:
            raise TwoFactorOn
        factors.begin(connection, row)
        _tell(shop, connection, actor.username, actor.username, "two_factor.set_up")
    uri = pyotp.TOTP(secret).provisioning_uri(name=actor.username, issuer_name=ISSUER)
    return SetUp(secret=secret, uri=uri, codes=codes)


def enable(shop: Shop, seal: Seal, actor: Actor, code: str, *, session_id: str = "") -> Codes:
    """Prove a set-up by a code and put it in force; the backup codes of the set-up are told again.

    Args:
        shop: the server.
        seal: what the secret is sealed with.
        actor: whose it is.
        code: what the telephone shows.
        session_id: the session that goes on; all others of the user end (ASVS 5.0 7.4.3).

    Raises:
        TwoFactorOff: nothing was set up.
        TwoFactorOn: it is in force already.
        CodeRefused, OwnSecretLocked: not with this code.
        SecretLost: the server has another secret than at the set-up.
    """
    stored, row = _own(shop, actor)
    if row is None:
        raise TwoFactorOff
    if row["enabled_at"] is not None:
        raise TwoFactorOn
    codes: Codes = tuple(json.loads(seal.open(row["codes"], of=actor.user_id)))
    if not _fits(shop, seal, row["user_id"], row["secret"], code):
        _refuse(shop, stored)
    hashes = _hashed(codes)
    with shop.store.write() as connection:
        now = shop.clock.now()
        _tell(shop, connection, actor.username, actor.username, "two_factor.enable")
        if not factors.enable(connection, actor.user_id, secret=row["secret"], at=now):
            raise TwoFactorOn
        factors.replace_codes(connection, actor.user_id, hashes)
        _notice(shop, connection, stored, "Two-factor sign-in was switched on.")
        session.end_all(connection, actor.user_id, at=now, reason="two-factor on", but=session_id)
    return codes


def verify(
    shop: Shop, seal: Seal, actor: Actor, code: str, *, is_backup: bool, session_id: str = ""
) -> Codes:
    """Check a code of one's own; the first one after a set-up puts it in force (contract A5).

    Returns:
        The backup codes when this enabled it, else nothing.

    Raises:
        TwoFactorOff, CodeRefused, OwnSecretLocked, SecretLost: as `enable`.
    """
    stored, row = _own(shop, actor)
    if row is None:
        raise TwoFactorOff
    if row["enabled_at"] is None and not is_backup:
        return enable(shop, seal, actor, code, session_id=session_id)
    if row["enabled_at"] is None:
        raise TwoFactorOff
    if not spend(shop, seal, stored, code, is_backup=is_backup):
        _refuse(shop, stored)
    with shop.store.write() as connection:
        _tell(shop, connection, actor.username, actor.username, "two_factor.verify")
    return ()


def disable(
    shop: Shop, seal: Seal, actor: Actor, secret: str, *, code: str, session_id: str = ""
) -> None:
    """Take the own second factor away, by password and code.

    Raises:
        CurrentPasswordWrong, CodeRefused, OwnSecretLocked: not with these.
        TwoFactorOff: there is none in force.
        SecretLost: as `enable`.
    """
    stored = password.prove(shop, actor, secret)
    _in_force(shop, actor)
    if not spend(shop, seal, stored, code, is_backup=False):
        _refuse(shop, stored)
    with shop.store.write() as connection:
        _tell(shop, connection, actor.username, actor.username, "two_factor.disable")
        factors.drop(connection, actor.user_id)
        _notice(shop, connection, stored, "Two-factor sign-in was switched off.")
        session.end_all(
            connection,
            actor.user_id,
            at=shop.clock.now(),
            reason="two-factor off",
            but=session_id,
        )


def regenerate(shop: Shop, seal: Seal, actor: Actor, code: str) -> Codes:
    """Ten new backup codes in the place of all there were.

    Raises:
        TwoFactorOff, CodeRefused, OwnSecretLocked, SecretLost: as `enable`.
    """
    stored, _ = _own(shop, actor)
    _in_force(shop, actor)
    if not spend(shop, seal, stored, code, is_backup=False):
        _refuse(shop, stored)
    codes = _new_codes()
    hashes = _hashed(codes)
    with shop.store.write() as connection:
        _tell(shop, connection, actor.username, actor.username, "two_factor.new_codes")
        factors.replace_codes(connection, actor.user_id, hashes)
    return codes


def reset(shop: Shop, connection: Connection, stored: StoredUser, *, by: str) -> bool:
    """Take somebody's second factor away within a transaction; False when there is none."""
    if not factors.drop(connection, stored.user.id):
        return False
    _tell(shop, connection, by, stored.user.username, "two_factor.reset")
    _notice(shop, connection, stored, "Two-factor sign-in was reset by an administrator.")
    session.end_all(connection, stored.user.id, at=shop.clock.now(), reason="two-factor reset")
    return True


def spend(shop: Shop, seal: Seal, stored: StoredUser, code: str, *, is_backup: bool) -> bool:
    """Use a code of a second factor in force up; False when it is wrong or was used.

    Raises:
        SecretLost: the server has another secret than at the set-up.
    """
    user_id = stored.user.id
    if is_backup:
        number, mark = read_backup(code)
        with shop.store.read() as connection:
            verifier = factors.code_hash(connection, user_id, number)
        if not credential.matches(verifier, mark):
            return False
        with shop.store.write() as connection:
            return factors.use_code(connection, user_id, number, at=shop.clock.now())
    with shop.store.read() as connection:
        row = factors.by_user(connection, user_id)
    if row is None or row["enabled_at"] is None:
        return False
    return _fits(shop, seal, user_id, row["secret"], code)


def _fits(shop: Shop, seal: Seal, user_id: str, sealed: str, code: str) -> bool:
    """Whether a code is one of now, not used before; it is used up."""
    totp = pyotp.TOTP(seal.open(sealed, of=user_id))
    plain = "".join(code.split())
    fitting = [
        step
        for step in steps_around(shop.clock.now())
        if strings_equal(totp.generate_otp(step), plain)
    ]
    if not fitting:
        return False
    with shop.store.write() as connection:
        return factors.take_step(connection, user_id, fitting[-1])


def _own(shop: Shop, actor: Actor) -> tuple[StoredUser, RowMapping | None]:
    with shop.store.read() as connection:
        stored = users.by_id(connection, actor.user_id)
        row = factors.by_user(connection, actor.user_id)
    if stored is None:
        raise SignInRefused
    guess.check_own(shop, stored)
    return stored, row


def _in_force(shop: Shop, actor: Actor) -> None:
    if not state(shop, actor.user_id).is_enabled:
        raise TwoFactorOff


def _refuse(shop: Shop, stored: StoredUser) -> None:
    name = stored.user.username
    guess.wrong(shop, stored, name, address="", action="two_factor.refuse")
    raise CodeRefused


def _new_codes() -> Codes:
    marks = ("".join(secrets.choice(ALPHABET) for _ in range(10)) for _ in range(CODES))
    return tuple(written(number, mark) for number, mark in enumerate(marks, start=1))


def _hashed(codes: Codes) -> dict[int, str]:
    return {
        number: credential.digest(mark) for number, mark in (read_backup(code) for code in codes)
    }


def _notice(shop: Shop, connection: Connection, stored: StoredUser, what: str) -> None:
    notice.tell(shop, connection, stored.user.username, stored.email, what=what)


def _tell(shop: Shop, connection: Connection, by: str, subject: str, action: str) -> None:
    audit.append(
        connection, at=shop.clock.now(), actor=by, action=action, subject=subject, details={}
    )
