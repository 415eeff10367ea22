"""What was tendered for one sale so far, and what is chosen next; knows no screen."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pos_app.domain.currency import CurrencyTable
from pos_app.domain.money import Money
from pos_app.domain.partner import OnAccount
from pos_app.domain.prompt import Prompt
from pos_app.domain.sale import Sale
from pos_app.domain.tender import Tender, TenderType, amount_due_in


@dataclass(frozen=True, slots=True)
class Option:
    """One way to pay in one currency."""

    type: TenderType
    currency: str

    @property
    def name(self) -> str:
        """What the list calls it."""
        return f"{self.type.name} {self.currency}"


def options_of(types: tuple[TenderType, ...], table: CurrencyTable) -> tuple[Option, ...]:
    """Return every way to pay, in the order of the settings."""
    codes = [currency.code for currency in table.currencies]
    return tuple(Option(kind, code) for kind in types for code in codes if code in kind.currencies)


@dataclass(frozen=True, kw_only=True)
class Tendering:
    """The state of the tender screen.

    Attributes:
        due: what is still to pay, in every currency with a rate, the sale's own first; empty
            once it is enough.
        change: what would be given back.
        change_currency: what the customer wants change in; None leaves it to the tender.
        prompts: what wallets were asked for it, and money that came and no sale has taken.
        above: what is to be agreed to before the sale is posted; None for nothing.
    """

    sale: Sale
    options: tuple[Option, ...]
    due: tuple[Money, ...]
    marked: int = 0
    taken: tuple[Tender, ...] = ()
    change: tuple[Money, ...] = ()
    change_currency: str | None = None
    above: OnAccount | None = None
    prompts: tuple[Prompt, ...] = ()

    @property
    def offered(self) -> tuple[Prompt, ...]:
        """Money that came and was not taken."""
        taken = {tender.prompt for tender in self.taken}
        return tuple(one for one in self.prompts if one.is_offered and one.id not in taken)

    @property
    def asked(self) -> tuple[Prompt, ...]:
        """Questions nobody has answered yet."""
        return tuple(one for one in self.prompts if not one.is_offered)

    @property
    def option(self) -> Option:
        """The marked way to pay."""
        return self.options[self.marked]

    @property
    def is_enough(self) -> bool:
        """Whether nothing is left to pay."""
        return not self.due

    def due_in(self, currency: str) -> Money:
        """Return what is still to pay in a currency, rounded up to its cent.

        Raises:
            RateMissing: there is no rate to that currency.
        """
        for money in self.due:
            if money.currency == currency:
                return money
        own = self.due[0] if self.due else Money.zero(self.sale.currency)
        return amount_due_in(own, currency, self.sale.rate)

    def with_mark(self, number: int) -> Tendering:
        """Mark another way to pay; beyond the ends it stays."""
        return replace(self, marked=max(min(number, len(self.options) - 1), 0))

    def with_change_in(self, currency: str | None) -> Tendering:
        """Want the change in a currency."""
        return replace(self, change_currency=currency)

    def first_in(self, currency: str) -> int:
        """Return the first way to pay in a currency that gives change, else the first of all."""
        fitting = (
            at
            for at, option in enumerate(self.options)
            if option.currency == currency and option.type.gives_change
        )
        return next(fitting, 0)
