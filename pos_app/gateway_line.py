"""The gateways of one server process, opened as its settings say."""

from __future__ import annotations

from collections.abc import Iterator

from pos_app.bootstrap import Installation
from pos_app.errors import ConfigInvalid
from pos_app.services.charge.gateways import Gateways
from sync.gateway.door import Door
from sync.gateway.ecocash import Ecocash, Merchant
from sync.gateway.innbucks import Innbucks
from sync.gateway.paynow import Paynow
from sync.gateway.port import Gateway


def open_gateways(installation: Installation) -> Gateways:
    """Every provider that is set up, with its secrets.

    Raises:
        ConfigInvalid: a secret is not stored, or PayNow has no address to answer to.
    """
    wanted = installation.settings.gateway
    if wanted.paynow and not wanted.public_url:
        raise ConfigInvalid("the config", "gateway.public_url", "is missing, and PayNow needs it")
    accounts = (*_paynow(installation), *_innbucks(installation), *_ecocash(installation))
    return Gateways(accounts, public_url=wanted.public_url, return_url=wanted.return_url)


def _door(installation: Installation, name: str, url: str) -> Door:
    return Door(name, url, timeout=installation.settings.gateway.timeout_seconds)


def _paynow(installation: Installation) -> Iterator[Gateway]:
    secret = installation.secrets.resolve
    for row in installation.settings.gateway.paynow:
        yield Paynow(
            _door(installation, "PayNow", row.url),
            integration_id=row.integration_id,
            key=secret(row.integration_key),
            currency=row.currency,
            is_sandbox=row.is_sandbox,
        )


def _innbucks(installation: Installation) -> Iterator[Gateway]:
    secret = installation.secrets.resolve
    for row in installation.settings.gateway.innbucks:
        yield Innbucks(
            _door(installation, "InnBucks", row.url),
            user=row.user,
            password=secret(row.password),
            api_key=secret(row.api_key),
            callback_key=secret(row.callback_key),
            currencies=row.currencies,
            is_sandbox=row.is_sandbox,
        )


def _ecocash(installation: Installation) -> Iterator[Gateway]:
    secret = installation.secrets.resolve
    for row in installation.settings.gateway.ecocash:
        yield Ecocash(
            _door(installation, "EcoCash", row.url),
            user=row.user,
            password=secret(row.password),
            callback_key=secret(row.callback_key),
            merchant=Merchant(
                code=row.merchant_code,
                pin=secret(row.merchant_pin),
                number=row.merchant_number,
                terminal=row.terminal,
                location=row.location,
                name=row.merchant_name,
                super_name=row.super_merchant_name,
            ),
            currencies=row.currencies,
            is_sandbox=row.is_sandbox,
        )
