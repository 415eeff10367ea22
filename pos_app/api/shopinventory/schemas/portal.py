"""Bodies of ``/api/CustomerPortal``."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from pos_app.api.shopinventory.schemas.auth import Email, Secret
from pos_app.api.shopinventory.schemas.fields import Code
from pos_app.api.wire import Answer, Question
from pos_app.domain.portal import MOST_AT_ONCE

AccountName = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Loose = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)]


class CustomerRegistration(Question):
    """A customer who is to have a portal account; without ``cardName`` it has the customer's."""

    card_code: Code
    card_name: AccountName = ""
    email: Email
    password: Annotated[Secret, Field(repr=False, max_length=100)]


class CustomerRow(Question):
    """One customer of many; what is wrong with it is told of it alone."""

    card_code: Loose = ""
    card_name: Loose = ""
    email: Loose = ""


class BulkRegistration(Question):
    """Customers to be registered, each by itself."""

    default_password: Annotated[Secret | None, Field(repr=False)] = None
    customers: Annotated[list[CustomerRow], Field(min_length=1, max_length=MOST_AT_ONCE)]


class GenerateHash(Question):
    """A password to be hashed."""

    password: Secret = Field(repr=False)


class RegistrationDto(Answer):
    """What became of one registration."""

    success: bool
    card_code: str
    email: str
    message: str


class BulkDto(Answer):
    """What became of many: ``success`` when all are registered, ``count`` how many are."""

    success: bool
    count: int
    message: str
    customers: list[RegistrationDto]


class HashDto(Answer):
    """A password as the server would keep it."""

    password_hash: str
    message: str
