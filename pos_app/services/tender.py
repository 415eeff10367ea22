"""What is due in each currency, and what a set of tenders would leave or give back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pos_app.domain.currency import convert
from pos_app.domain.money import Money
from pos_app.domain.partner import OnAccount
from pos_app.domain.sale import Sale
from pos_app.domain.tender import Tender, TenderTooLow, TenderType, amount_due_in, settle
from pos_app.services import credit
from pos_app.services.shop import Shop
from pos_app.store import shift as shifts

CASH = "cash"


@dataclass(frozen=True, slots=True)
class Preview:
    """How far the tenders reach.

    Attributes:
        due: what is still due, in every currency of the shop; empty once it is enough.
        change: what would be given back.
        above: what is to be known of a customer who would owe more than the limit; None for
            nothing, and where the shop does more than warn.
    """

    due: tuple[Money, ...]
    change: tuple[Money, ...]
    above: OnAccount | None = None

    @property
    def is_enough(self) -> bool:
        """Whether the sale can be posted with these tenders."""
        return not self.due


def types(shop: Shop, currency: str) -> list[TenderType]:
    """The tender types that take a currency, in the order of the settings."""
    return [kind for kind in shop.rules.tender_types if currency in kind.currencies]


def make(shop: Shop, code: str, money: Money, *, reference: str = "") -> Tender:
    """A tender of one of the shop's types.

    Raises:
        UnmappedTender: the shop has no such type.
    """
    return Tender(shop.rules.tender_type(code), money, reference.strip())


def due(shop: Shop, sale: Sale) -> tuple[Money, ...]:
    """What the sale costs in every currency of the shop that has a rate, its own first."""
    return _in_all(shop, sale, sale.total)


def preview(
    shop: Shop, sale: Sale, tenders: Sequence[Tender], *, change_currency: str | None = None
) -> Preview:
    """What the tenders would leave due or give back; nothing is stored.

    Raises:
        TenderInvalid, TenderTooHigh, ChangeNotPossible, RateMissing: they cannot be taken so.
        AccountNeedsCustomer: nobody in particular would owe it.
    """
    partner = sale.partner.code if sale.partner else ""
    credit.check_tenders(shop, tenders, partner=partner)
    try:
        settlement = settle(
            sale.total,
            tenders,
            rate=sale.rate,
            drawer=_drawer(shop),
            change_currency=change_currency,
        )
    except TenderTooLow:
        given = (convert(tender.money, sale.currency, sale.rate) for tender in tenders)
        left = sale.total - Money(sum(money.minor for money in given), sale.currency)
        return Preview(_in_all(shop, sale, left), ())
    above = credit.warning(shop, partner=partner, owed=settlement.owed)
    return Preview((), settlement.change, above)


def _in_all(shop: Shop, sale: Sale, amount: Money) -> tuple[Money, ...]:
    others = (
        currency.code
        for currency in shop.rules.currencies.currencies
        if currency.code != sale.currency and sale.rate is not None
    )
    return (amount, *(amount_due_in(amount, code, sale.rate) for code in others))


def _drawer(shop: Shop) -> dict[str, Money]:
    with shop.store.read() as connection:
        shift = shifts.open_on(connection, shop.rules.till)
        balances = shifts.balances(connection, shift["id"]) if shift else {}
    return {
        currency: Money(max(minor, 0), currency)
        for (kind, currency), minor in balances.items()
        if kind == CASH
    }
