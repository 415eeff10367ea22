"""What the customer hands over, what of it settles the sale, and what goes back as change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from pos_app.domain.change import Purse, hand_out
from pos_app.domain.currency import Rate, convert, convert_up
from pos_app.domain.money import Money
from pos_app.errors import InvalidInput, RuleBroken

LONGEST_REFERENCE = 100
"""The longest confirmation of a wallet, bank or card terminal that is kept."""


class SapMeans(StrEnum):
    """Which part of an SAP incoming payment a tender becomes."""

    CASH = "cash"
    TRANSFER = "transfer"
    CARD = "card"
    ACCOUNT = "account"


class UnmappedTender(InvalidInput):
    """A tender type the shop has no table row for; never taken for cash (L17)."""

    code = "unmapped_tender"

    def __init__(self, tender: str) -> None:
        super().__init__(
            f"Tender {tender[:40]!r} is not one the shop takes: "
            "choose another, or map it in the settings.",
            tender=tender[:40],
        )


class TenderInvalid(InvalidInput):
    """One tender lacks something or is in a currency its type does not take."""

    code = "tender_invalid"

    def __init__(self, tender: str, why: str) -> None:
        super().__init__(
            f"The tender {tender} {why}: correct it or take another one.", tender=tender
        )


class TenderTooLow(RuleBroken):
    """The tenders together do not reach the amount due."""

    code = "tender_too_low"

    def __init__(self, due: Money, missing: Money) -> None:
        super().__init__(
            f"{missing.label} of {due.label} are still due: take another tender.",
            due=due,
            missing=missing,
            currency=due.currency,
        )


class TenderTooHigh(RuleBroken):
    """A tender that gives no change is above what is still due, or nothing is due any more."""

    code = "tender_too_high"

    def __init__(self, tender: str, given: Money, due: Money) -> None:
        super().__init__(
            f"The tender {tender} of {given.label} is above the {due.label} still due: "
            "enter what is due at most.",
            tender=tender,
            given=given,
            due=due,
            currency=due.currency,
        )


class ChangeNotPossible(RuleBroken):
    """The drawer does not hold the change."""

    code = "change_not_possible"

    def __init__(self, missing: Money) -> None:
        super().__init__(
            f"The drawer cannot give {missing.label} of the change: "
            "ask for a smaller note or another tender, or bring change.",
            missing=missing,
            currency=missing.currency,
        )


@dataclass(frozen=True, slots=True)
class TenderType:
    """One way to pay, with the names its neighbours know it by.

    Attributes:
        fiscal_money_type: 0 Cash, 1 Card, 2 MobileWallet, 3 Coupon, 4 Credit, 5 BankTransfer,
            6 Other (ZIMRA FDMS 7.2).
        sap_means: which means of an SAP payment it becomes; ``account`` becomes none.
        currencies: our codes of the currencies it takes.
        gateway: the provider whose customers are asked by the till; empty for none.
    """

    code: str
    name: str
    fiscal_money_type: int
    sap_means: str
    currencies: tuple[str, ...]
    gives_change: bool = False
    needs_reference: bool = False
    opens_drawer: bool = False
    gateway: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.fiscal_money_type <= 6:
            raise TenderInvalid(self.code, "has no fiscal money type")
        if self.sap_means not in set(SapMeans):
            raise TenderInvalid(self.code, "has no means of payment in SAP")


@dataclass(frozen=True, slots=True)
class TenderTable:
    """The tender types of this shop, as configured."""

    types: tuple[TenderType, ...]

    def get(self, code: str) -> TenderType:
        """Return a type by its code.

        Raises:
            UnmappedTender: there is none (production lesson L17).
        """
        for kind in self.types:
            if kind.code.casefold() == code.strip().casefold():
                return kind
        raise UnmappedTender(code)


@dataclass(frozen=True, slots=True)
class Tender:
    """One amount handed over, in its own currency.

    Attributes:
        prompt: the question to the customer's wallet whose money it is; empty for other money.
    """

    type: TenderType
    money: Money
    reference: str = ""
    prompt: str = ""


@dataclass(frozen=True, slots=True)
class Settled:
    """What one tender settles.

    Attributes:
        settled: what of it stays for the sale, in the tender's own currency.
        in_document: the same in the sale's currency; these sum to the amount due exactly.
    """

    tender: Tender
    settled: Money
    in_document: Money


@dataclass(frozen=True, slots=True)
class Settlement:
    """A sale paid: tendered, settled and change kept apart (production lesson L18)."""

    due: Money
    settled: tuple[Settled, ...]
    change: tuple[Money, ...] = ()

    def paid_in(self, currency: str) -> Money:
        """What was handed over in one currency."""
        result = Money.zero(currency)
        for row in self.settled:
            if row.tender.money.currency == currency:
                result += row.tender.money
        return result

    @property
    def owed(self) -> Money:
        """What is still to be paid: what no tender settled, and what goes on account."""
        money = (
            row.in_document for row in self.settled if row.tender.type.sap_means != SapMeans.ACCOUNT
        )
        return self.due - sum(money, Money.zero(self.due.currency))

    @property
    def opens_drawer(self) -> bool:
        """Whether cash goes in or out."""
        return bool(self.change) or any(row.tender.type.opens_drawer for row in self.settled)


def check_tender(tender: Tender) -> Tender:
    """Return the tender if it can be taken at all.

    Raises:
        TenderInvalid: not above zero, in a currency its type does not take, without its
            reference or with an impossible one.
    """
    kind, money = tender.type, tender.money
    if money.currency not in kind.currencies:
        taken = " or ".join(kind.currencies)
        raise TenderInvalid(kind.code, f"takes {taken}, not {money.currency}")
    if money.minor <= 0:
        raise TenderInvalid(kind.code, f"of {money.label} is not above zero")
    if len(tender.reference) > LONGEST_REFERENCE or not tender.reference.isprintable():
        raise TenderInvalid(kind.code, "has a reference that is too long or unreadable")
    if kind.needs_reference and not tender.reference.strip():
        raise TenderInvalid(kind.code, "needs the reference of its confirmation")
    return tender


def amount_due_in(due: Money, currency: str, rate: Rate | None) -> Money:
    """Return what has to be handed over in a currency: rounded up, so that it is enough.

    Raises:
        RateMissing: there is no rate between the two currencies.
    """
    return convert_up(due, currency, rate)


def check_references(tenders: Sequence[Tender]) -> None:
    """Refuse one confirmation used for two tenders of a sale.

    Raises:
        TenderInvalid: the same type and reference stand twice.
    """
    seen: set[tuple[str, str]] = set()
    for tender in tenders:
        key = (tender.type.code, tender.reference.strip().casefold())
        if key[1] and key in seen:
            raise TenderInvalid(tender.type.code, f"uses reference {tender.reference} twice")
        seen.add(key)


def settle(
    due: Money,
    tenders: Sequence[Tender],
    *,
    rate: Rate | None = None,
    drawer: Mapping[str, Money] | None = None,
    change_currency: str | None = None,
    smallest: Mapping[str, Money] | None = None,
) -> Settlement:
    """Settle an amount due.

    Tenders without change count first, each for at most what is due; then cash, in order. Tenders
    of one foreign currency are worth their sum at the rate, to the cent, however they are split;
    whoever hands over ``amount_due_in`` has paid. Only the last cash tender may exceed what is
    due; the rest of it is change: first in ``change_currency`` (else its own currency) as far as
    the drawer holds it, the rest in the other currency.

    Args:
        due: what the sale costs, zero or above.
        tenders: what is handed over.
        rate: frozen rate of the sale; needed once a second currency appears.
        drawer: cash that is there to give, by currency, without these tenders; None is unlimited.
        change_currency: the currency the customer wants the change in.
        smallest: the smallest piece given as change, by currency; one cent where it is silent.

    Raises:
        TenderInvalid: a tender cannot be taken at all.
        TenderTooLow: the tenders do not reach the amount due.
        TenderTooHigh: a tender without change is above it, or nothing is due when it comes.
        ChangeNotPossible: the drawer does not hold the change.
        RateMissing: a second currency appears and there is no rate.
    """
    check_references(tenders)
    counter = _Counter(due, rate)
    for at in sorted(range(len(tenders)), key=lambda index: tenders[index].type.gives_change):
        counter.add(at, check_tender(tenders[at]))
    if counter.left.minor > 0:
        raise TenderTooLow(due, counter.left)
    if counter.excess is None:
        return Settlement(due, counter.in_order())
    purse = Purse(rate, drawer, smallest or {})
    first = change_currency or counter.excess.tender.money.currency
    change, kept = _change(counter.excess, purse, first=first, due=due)
    counter.rows[counter.excess.at] = Settled(counter.excess.tender, kept, counter.excess.needed)
    return Settlement(due, counter.in_order(), change)


@dataclass(frozen=True, slots=True)
class _Excess:
    """The cash tender that went over: what was still needed, and what is too much."""

    at: int
    tender: Tender
    needed: Money
    needed_own: Money
    too_much: Money


@dataclass(slots=True)
class _Counter:
    """Count tenders against what is due."""

    due: Money
    rate: Rate | None
    rows: dict[int, Settled] = field(default_factory=dict)
    excess: _Excess | None = None
    _given: dict[str, Money] = field(default_factory=dict)
    _worth: dict[str, Money] = field(default_factory=dict)

    @property
    def left(self) -> Money:
        """What is still due."""
        result = self.due
        for worth in self._worth.values():
            result -= worth
        return result

    def add(self, at: int, tender: Tender) -> None:
        left, money = self.left, tender.money
        enough = amount_due_in(left, money.currency, self.rate)
        if left.minor <= 0 or (money > enough and not tender.type.gives_change):
            raise TenderTooHigh(tender.type.code, money, enough)
        worth = self._counted(money)
        if worth.minor <= 0:
            raise TenderInvalid(tender.type.code, f"of {money.label} is worth less than a cent")
        if money > enough:
            self.excess = _Excess(at, tender, left, enough, worth - left)
        in_document = left if money >= enough or worth > left else worth
        self._given[money.currency] = self._given_in(money.currency) + money
        self._worth[money.currency] = self._worth_of(money.currency) + in_document
        self.rows[at] = Settled(tender, money, in_document)

    def _counted(self, money: Money) -> Money:
        """What a tender adds to the worth of its currency, so that splitting it changes nothing."""
        together = self._given_in(money.currency) + money
        return convert(together, self.due.currency, self.rate) - self._worth_of(money.currency)

    def _given_in(self, currency: str) -> Money:
        return self._given.get(currency, Money.zero(currency))

    def _worth_of(self, currency: str) -> Money:
        return self._worth.get(currency, Money.zero(self.due.currency))

    def in_order(self) -> tuple[Settled, ...]:
        return tuple(self.rows[at] for at in sorted(self.rows))


def _change(
    excess: _Excess, purse: Purse, *, first: str, due: Money
) -> tuple[tuple[Money, ...], Money]:
    """Return the change and what of the tender stays, in the tender's own currency."""
    tendered = excess.tender.money
    if first == tendered.currency:
        wanted, kept = tendered - excess.needed_own, excess.needed_own
    else:
        wanted = convert(excess.too_much, first, purse.rate)
        kept = tendered - convert(excess.too_much, tendered.currency, purse.rate)
    known = {due.currency, tendered.currency}
    if purse.rate is not None:
        known |= {purse.rate.base, purse.rate.quote}
    other = next(iter(sorted(known - {first})), "")
    change, missing = hand_out(wanted, other, purse=purse)
    if not missing.is_zero:
        raise ChangeNotPossible(missing)
    return change, kept
