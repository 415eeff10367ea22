"""Bodies of ``/api/CustomerPortal``."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints
from pydantic.config import JsonDict

from pos_app.api.shopinventory.schemas.auth import Email, Secret
from pos_app.api.shopinventory.schemas.fields import Code
from pos_app.api.wire import Answer, Question
from pos_app.domain.portal import MOST_AT_ONCE

AccountName = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Loose = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)]

CUSTOMER: JsonDict = {
    "cardCode": "C0001",
    "cardName": "ABC Trading",
    "email": "accounts@abc.co.zw",
}


class CustomerRegistration(Question):
    """A customer who is to have a portal account; without ``cardName`` it has the customer's."""

    card_code: Code
    card_name: AccountName = ""
    email: Email
    password: Annotated[Secret, Field(repr=False, max_length=100)]

    model_config = ConfigDict(
        json_schema_extra={"examples": [CUSTOMER | {"password": "Str0ng!Pass"}]}
    )


class CustomerRow(Question):
    """One customer of many; what is wrong with it is told of it alone."""

    card_code: Loose = ""
    card_name: Loose = ""
    email: Loose = ""


class BulkRegistration(Question):
    """Customers to be registered, each by itself."""

    default_password: Annotated[Secret | None, Field(repr=False)] = None
    customers: Annotated[list[CustomerRow], Field(min_length=1, max_length=MOST_AT_ONCE)]

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"defaultPassword": "Str0ng!Pass", "customers": [CUSTOMER]}]
        }
    )


class GenerateHash(Question):
    """A password to be hashed."""

    password: Secret = Field(repr=False)

    model_config = ConfigDict(json_schema_extra={"examples": [{"password": "Str0ng!Pass"}]})


class RegistrationDto(Answer):
    """What became of one registration."""

    success: bool
    card_code: str
    email: str
    message: str

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "success": True,
                    "cardCode": "C0001",
                    "email": "accounts@abc.co.zw",
                    "message": "accounts@abc.co.zw sees the documents of C0001.",
                }
            ]
        }
    )


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

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "passwordHash": "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA",
                    "message": "The password was hashed.",
                }
            ]
        }
    )
