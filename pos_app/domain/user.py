"""Users, and how wrong passwords and PINs lock them out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from pos_app.domain.permission import Actor, Role, effective
from pos_app.errors import InvalidInput, NotAllowed


class SignInRefused(NotAllowed):
    """Unknown user, wrong secret or inactive: never told apart."""

    code = "sign_in_refused"

    def __init__(self) -> None:
        super().__init__("User name, PIN or password is wrong: try again.")


class _Locked(NotAllowed):
    """Too many wrong secrets."""

    def __init__(self, what: str, locked_until: datetime, *, seconds: int) -> None:
        super().__init__(
            f"Too many wrong {what}, locked for another {_spoken(seconds)}: "
            "wait, or ask an administrator to unlock it.",
            locked_until=locked_until.isoformat(),
            seconds=seconds,
        )


class PasswordLocked(_Locked):
    """Five wrong passwords lock a user for 15 minutes."""

    code = "password_locked"

    def __init__(self, locked_until: datetime, *, seconds: int) -> None:
        super().__init__("passwords", locked_until, seconds=seconds)


class OwnSecretLocked(_Locked):
    """Somebody who is signed in typed the own password or code wrong too often."""

    code = "own_secret_locked"

    def __init__(self, locked_until: datetime, *, seconds: int) -> None:
        super().__init__("passwords or codes", locked_until, seconds=seconds)


class PinLocked(_Locked):
    """From the fifth wrong PIN on every further one doubles the wait."""

    code = "pin_locked"

    def __init__(self, locked_until: datetime, *, seconds: int) -> None:
        super().__init__("PINs", locked_until, seconds=seconds)


class SecretTooWeak(InvalidInput):
    """A new password or PIN is too easy to guess."""

    code = "secret_too_weak"

    def __init__(self, why: str) -> None:
        super().__init__(f"The new secret {why}: choose another one.", reason=why)


class WarehouseNotYours(NotAllowed):
    """The user is not assigned to the warehouse."""

    code = "warehouse_not_yours"

    def __init__(self, username: str, warehouse: str) -> None:
        super().__init__(
            f"{username} is not assigned to warehouse {warehouse}: "
            "use your own warehouse or ask an administrator.",
            username=username,
            warehouse=warehouse,
        )


class UserInvalid(InvalidInput):
    """A user lacks what the role demands."""

    code = "user_invalid"

    def __init__(self, username: str, why: str) -> None:
        super().__init__(f"User {username[:50]!r} {why}: correct it and save again.")


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who signs in.

    Attributes:
        permissions_extra: granted directly, on top of the role's.
        warehouses: codes; empty is every warehouse, except for roles that must have one.
        partner: the code of the customer whose portal account it is; empty for all other roles.
    """

    id: str
    username: str
    name: str
    role: str
    is_active: bool = True
    permissions_extra: frozenset[str] = frozenset()
    warehouses: tuple[str, ...] = ()
    partner: str = ""

    @property
    def permissions(self) -> frozenset[str]:
        """Everything the user may do."""
        return effective(self.role, self.permissions_extra, is_active=self.is_active)

    def actor(self) -> Actor:
        """Return the user as the one who does things."""
        return Actor(self.id, self.username, self.role, self.permissions)


_NEED_WAREHOUSE = {Role.STOCK_CONTROLLER, Role.DEPOT_CONTROLLER}


def check_user(user: User) -> User:
    """Return the user if the record is complete.

    Raises:
        UserInvalid: the name is not 3 to 50 printable characters or could be taken for another,
            the role needs a warehouse, or it is a portal account without a customer or with rights
            of the staff.
    """
    if not (3 <= len(user.username) <= 50 and user.username.isprintable()):
        raise UserInvalid(user.username, "needs a name of 3 to 50 characters")
    if not _is_plain(user.username):
        raise UserInvalid(user.username, "has letters that can be taken for those of another name")
    if user.role in _NEED_WAREHOUSE and not user.warehouses:
        raise UserInvalid(user.username, f"is {user.role} and needs at least one warehouse")
    if user.role == Role.CUSTOMER and not user.partner:
        raise UserInvalid(user.username, "is no customer: register customers in the portal")
    if user.role == Role.CUSTOMER and user.permissions_extra:
        raise UserInvalid(user.username, "is a customer and can be given no permissions")
    if user.partner and user.role != Role.CUSTOMER:
        raise UserInvalid(user.username, f"is a customer and cannot become {user.role}")
    return user


def _is_plain(name: str) -> bool:
    """Whether a name is of one alphabet and written in the usual way: two that look alike are one.

    Unicode Technical Standard 39 §5.1 and Annex 15: one script, Normalization Form KC.
    """
    scripts = {unicodedata.name(sign, "?").split()[0] for sign in name if sign.isalpha()}
    return len(scripts) <= 1 and unicodedata.normalize("NFKC", name) == name


def check_warehouse(user: User, warehouse: str) -> None:
    """Let the user work in a warehouse.

    Raises:
        WarehouseNotYours: the user has warehouses and this is none of them.
    """
    if user.warehouses and warehouse not in user.warehouses:
        raise WarehouseNotYours(user.username, warehouse)


@dataclass(frozen=True, slots=True)
class Lockout:
    """The wrong tries of one user or one till, stored so that a restart helps nobody."""

    failures: int = 0
    locked_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class LockRule:
    """How wrong tries lock.

    Attributes:
        tries: how many wrong ones in a row lock.
        first: how long the first lock lasts.
        doubles: whether each further wrong try doubles it, up to ``longest``; otherwise the
            count starts again after a lock.
    """

    tries: int
    first: timedelta
    doubles: bool
    longest: timedelta


PASSWORD_RULE = LockRule(5, timedelta(minutes=15), doubles=False, longest=timedelta(minutes=15))
PIN_RULE = LockRule(5, timedelta(seconds=30), doubles=True, longest=timedelta(hours=1))


def after_failure(lockout: Lockout, now: datetime, *, rule: LockRule) -> Lockout:
    """Return the state after one more wrong try."""
    served = lockout.locked_until is not None and now >= lockout.locked_until
    failures = (0 if served and not rule.doubles else lockout.failures) + 1
    if failures < rule.tries:
        return Lockout(failures, None)
    doublings = min(failures - rule.tries, 30) if rule.doubles else 0
    return Lockout(failures, now + min(rule.first * 2**doublings, rule.longest))


def after_success() -> Lockout:
    """Return the state after a right try: nothing is remembered."""
    return Lockout()


def seconds_locked(lockout: Lockout, now: datetime) -> int:
    """Return how many whole seconds, rounded up, it stays locked; 0 when it is not."""
    if lockout.locked_until is None or now >= lockout.locked_until:
        return 0
    left = lockout.locked_until - now
    return left.days * 86_400 + left.seconds + (1 if left.microseconds else 0)


def check_password_lock(lockout: Lockout, now: datetime) -> None:
    """Refuse even the right password while locked.

    Raises:
        PasswordLocked: it is.
    """
    seconds = seconds_locked(lockout, now)
    if seconds and lockout.locked_until is not None:
        raise PasswordLocked(lockout.locked_until, seconds=seconds)


def check_pin_lock(lockout: Lockout, now: datetime) -> None:
    """Refuse even the right PIN while locked.

    Raises:
        PinLocked: it is.
    """
    seconds = seconds_locked(lockout, now)
    if seconds and lockout.locked_until is not None:
        raise PinLocked(lockout.locked_until, seconds=seconds)


_MIXTURE: tuple[tuple[Callable[[str], object], str], ...] = (
    (str.isupper, "an upper-case letter"),
    (str.islower, "a lower-case letter"),
    (re.compile("[0-9]").match, "a digit"),
    (re.compile("[^A-Za-z0-9]").match, "a special character"),
)
"""What the contract wants of a password (§2.1); letters are those of any alphabet."""


def check_new_password(password: str) -> str:
    """Return a new password if it is long and mixed enough.

    Raises:
        SecretTooWeak: under 8 characters, or without upper, lower, digit or special character.
    """
    if len(password) < 8:
        raise SecretTooWeak("is shorter than 8 characters")
    if len(password) > 200:
        raise SecretTooWeak("is longer than 200 characters")
    for is_one, what in _MIXTURE:
        if not any(is_one(sign) for sign in password):
            raise SecretTooWeak(f"has not {what}")
    return password


def check_new_pin(pin: str) -> str:
    """Return a new PIN if it is 4 to 8 digits and neither a run nor one digit repeated.

    Raises:
        SecretTooWeak: it is not.
    """
    if not re.fullmatch(r"[0-9]{4,8}", pin):
        raise SecretTooWeak("is not 4 to 8 digits")
    steps = {int(after) - int(before) for before, after in pairwise(pin)}
    if steps in ({0}, {1}, {-1}):
        raise SecretTooWeak("is a run or one digit repeated")
    return pin


def _spoken(seconds: int) -> str:
    if seconds < 120:
        return f"{seconds} seconds"
    return f"{-(-seconds // 60)} minutes"
