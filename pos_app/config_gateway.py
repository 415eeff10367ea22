"""The tables of the providers of mobile money."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class Table(BaseModel):
    """A table of the file, as strict as the others."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Currencies = Annotated[tuple[Literal["USD", "ZIG"], ...], Field(min_length=1)]


class PaynowRow(Table):
    """One PayNow integration, which belongs to one currency."""

    currency: Literal["USD", "ZIG"] = "USD"
    url: str = "https://www.paynow.co.zw"
    integration_id: str = Field(pattern=r"^\d{1,10}$")
    integration_key: str
    is_sandbox: bool = False


class EcocashRow(Table):
    """One EcoCash merchant."""

    currencies: Currencies = ("USD",)
    url: str
    user: str
    password: str
    callback_key: str
    merchant_code: str
    merchant_pin: str
    merchant_number: str
    terminal: str = "TERM001"
    location: str = "Harare"
    merchant_name: str
    super_merchant_name: str = "EcoCash"
    is_sandbox: bool = False


class InnbucksRow(Table):
    """One InnBucks merchant."""

    currencies: Currencies = ("USD",)
    url: str
    user: str
    password: str
    api_key: str
    callback_key: str
    is_sandbox: bool = False


class Gateway(Table):
    """A server: the providers of mobile money, and where they reach it."""

    public_url: str = Field(default="", pattern=r"^(https?://\S+)?$")
    return_url: str = Field(default="", pattern=r"^(https?://\S+)?$")
    timeout_seconds: float = Field(default=20, gt=0, le=120)
    poll_seconds: float = Field(default=2, ge=0.1, le=3600)
    paynow: tuple[PaynowRow, ...] = ()
    ecocash: tuple[EcocashRow, ...] = ()
    innbucks: tuple[InnbucksRow, ...] = ()
