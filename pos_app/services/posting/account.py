"""Our words in SAP's: codes of currencies, rates, and the accounts money goes to."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pos_app.domain.tender import UnmappedTender
from pos_app.services.shop import Shop


def code_of(shop: Shop, currency: str) -> str | None:
    """SAP's own code of a currency, None for SAP's local one (production lesson L21)."""
    if currency == shop.rules.sap.local_currency:
        return None
    return shop.rules.currencies.get(currency).sap_code


def shown_code(shop: Shop, code: str | None) -> str:
    """SAP's code of a currency as SAP writes it on a document; None is the local one."""
    return code or shop.rules.currencies.get(shop.rules.sap.local_currency).sap_code


def rate_of(shop: Shop, sale: Mapping[str, Any], currency: str) -> Decimal | None:
    """The sale's frozen rate for a foreign document; None lets SAP take its rate of the day."""
    if currency == shop.rules.sap.local_currency:
        return None
    rate: Decimal | None = sale["rate"]
    return rate


def account_of(shop: Shop, tender_type: str, currency: str) -> str:
    """The G/L account of a tender type in a currency (production lesson L17).

    Raises:
        UnmappedTender: the settings name none; there is no default one.
    """
    account = shop.rules.sap.accounts.get((tender_type, currency))
    if account is None:
        raise UnmappedTender(f"{tender_type} {currency}")
    return account
