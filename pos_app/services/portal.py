"""Registering customers for the portal: an account each, that sees its own documents."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from pos_app.domain.permission import Actor, Permission, Role, require
from pos_app.domain.portal import Applicant, WalkInCustomer, check_customer
from pos_app.domain.user import check_new_password
from pos_app.errors import PosError
from pos_app.services import user
from pos_app.services.shop import Shop
from pos_app.services.user import EmailInvalid, NewUser, UserRow
from pos_app.store import partner as partners

LONGEST_NAME = 50
"""Of a user name; the account signs in with the whole address all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """What became of one applicant.

    Attributes:
        account: None where there is none, for the reason of `problem`.
    """

    applicant: Applicant
    account: UserRow | None = None
    problem: str = ""


def register(
    shop: Shop, actor: Actor, applicant: Applicant, *, password: str, is_given: bool = False
) -> UserRow:
    """Give a customer a portal account; a customer may have several.

    Args:
        shop: the server.
        actor: who registers.
        applicant: the customer.
        password: its first one; empty for none, until the customer sets one by the reset mail.
        is_given: several customers get the same one, so each chooses another before anything.

    Raises:
        PermissionMissing: the actor may not make users.
        RecordNotFound, PartnerInactive, WalkInCustomer: the customer can have no account.
        EmailInvalid, SecretTooWeak, UserInvalid: not with these words.
        UserTaken: somebody signs in with this address.
    """
    require(actor, Permission.USERS_CREATE)
    with shop.store.read() as connection:
        found = check_customer(applicant.partner, partners.by_code(connection, applicant.partner))
    if found.code == shop.rules.walk_in:
        raise WalkInCustomer(found.code)
    if not user.checked_email(applicant.email):
        raise EmailInvalid(applicant.email)
    email = applicant.email.strip().lower()
    new = NewUser(
        username=email[:LONGEST_NAME],
        password=password or _unknown_to_all(),
        role=Role.CUSTOMER.value,
        name=applicant.name or found.name,
        email=email,
        partner=found.code,
        is_given=bool(password) and is_given,
    )
    return user.make(shop, actor, new)


def register_all(
    shop: Shop,
    actor: Actor,
    applicants: Iterable[Applicant],
    *,
    password: str,
    turn: AbstractContextManager[object],
) -> list[Registered]:
    """Register each applicant by itself: what is wrong with one is told and spoils no other.

    Args:
        shop: the server.
        actor: who registers.
        applicants: the customers.
        password: the first one of all of them; empty for none, as `register` has it.
        turn: entered for each account, as hashing a password takes its time and memory.

    Raises:
        PermissionMissing: the actor may not make users.
        SecretTooWeak: nobody could have this password.
    """
    require(actor, Permission.USERS_CREATE)
    if password:
        check_new_password(password)
    told: list[Registered] = []
    for applicant in applicants:
        try:
            with turn:
                made = register(shop, actor, applicant, password=password, is_given=True)
        except PosError as problem:
            told.append(Registered(applicant=applicant, problem=problem.sentence))
        else:
            told.append(Registered(applicant=applicant, account=made))
    return told


def _unknown_to_all() -> str:
    """A password of every kind of character that nobody is told."""
    return f"{secrets.token_urlsafe(32)}-aA1"
