"""The tables of the providers of mobile money."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


class Table(BaseModel):
    """A table of the file, as strict as the others."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _sealed(url: str) -> str:
    """Return an address that secrets may be sent to (OWASP ASVS 5.0 12.3.1).

    Raises:
        ValueError: it is not https, and not a sandbox on this machine.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and _is_here(host))):
        raise ValueError("must begin with https://, as passwords are sent there")
    return url


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


Sealed = Annotated[str, AfterValidator(_sealed)]
Currencies = Annotated[tuple[Literal["USD", "ZIG"], ...], Field(min_length=1)]


class PaynowRow(Table):
    """One PayNow integration, which belongs to one currency."""

    currency: Literal["USD", "ZIG"] = "USD"
    url: Sealed = "https://www.paynow.co.zw"
    integration_id: str = Field(pattern=r"^\d{1,10}$")
    integration_key: str
    is_sandbox: bool = False


class EcocashRow(Table):
    """One EcoCash merchant."""

    currencies: Currencies = ("USD",)
    url: Sealed
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
    url: Sealed
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
