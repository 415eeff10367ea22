"""What a document becomes in the books, before it is booked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from pos_app.domain.ledger import BANK, CARDS, CASH, Account, AccountType, Line
from pos_app.domain.tender import SapMeans
from pos_app.domain.valuation import Held
from pos_app.services.shop import Shop
from pos_app.store.stock import Place

MEANS = {SapMeans.CASH: CASH, SapMeans.TRANSFER: BANK, SapMeans.CARD: CARDS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What an entry does to an item in a warehouse.

    Attributes:
        quantity: what comes in; below zero for what leaves.
        value: what the stock is worth more, in minor units of the first currency.
        after: as the books have it then.
    """

    quantity: Decimal
    value: int
    after: Held


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One entry: `kind` and `key` are booked once for ever.

    Attributes:
        lines: balanced; none for a document that moves no value, which still gets its number.
        moved: what it does to goods, by item and warehouse.
    """

    kind: str
    key: str
    partner: str
    booked_on: date
    lines: tuple[Line, ...]
    moved: Mapping[Place, Moved] = field(default_factory=dict)


def account_of(shop: Shop, tender_type: str, currency: str) -> Account:
    """The account of a tender: the configured one of its currency, or that of its means."""
    kind = shop.rules.tender_type(tender_type)
    configured = shop.rules.sap.accounts.get((tender_type, currency))
    if configured:
        return Account(configured, f"{kind.name} {currency}", AccountType.ASSET)
    return MEANS.get(SapMeans(kind.sap_means), CASH)
