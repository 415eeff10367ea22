"""Everything a rule may look at when it judges one receipt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from fiscal.simulator.authority.facts import GatewaySettings, Taxpayer
from fiscal.simulator.receipt import Receipt


class Colour(StrEnum):
    """How bad it is: grey and red keep a day from closing, yellow never does."""

    GREY = "Grey"
    RED = "Red"
    YELLOW = "Yellow"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Where a receipt stands in the chain of its device.

    Attributes:
        previous: the receipt before it; None for the first of a device, or when it is missing.
        is_gap: the receipt before it was not received yet: what depends on it waits.
        is_number_wrong: its global number is taken, or starts anew in the middle of a day.
    """

    previous: Receipt | None = None
    is_gap: bool = False
    is_number_wrong: bool = False

    def follows_in_day(self, receipt: Receipt) -> bool:
        """Whether the receipt before it is of the same fiscal day, so that the chain goes on."""
        return self.previous is not None and self.previous.fiscal_day == receipt.fiscal_day


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One receipt and what is known around it.

    Attributes:
        opened: when its fiscal day was opened, local.
        now: the authority's local time when it received it.
        public_pem: the key of the device's certificate.
        is_number_new: no other receipt of the taxpayer carries its invoice number.
        original: of a note, when some device of the taxpayer filed it.
        balance: what is left of the original with this receipt counted.
    """

    device_id: str
    receipt: Receipt
    link: Link
    opened: datetime
    now: datetime
    taxpayer: Taxpayer
    settings: GatewaySettings
    public_pem: str
    is_number_new: bool = True
    original: Receipt | None = None
    balance: Decimal = Decimal(0)

    @property
    def dated_at(self) -> datetime:
        """The receipt's own date and time."""
        return datetime.fromisoformat(self.receipt.date)

    @property
    def tax_date(self) -> date:
        """The day on which its taxes must hold."""
        if self.original is not None and self.settings.are_notes_taxed_by_original:
            return datetime.fromisoformat(self.original.date).date()
        return self.dated_at.date()

    @property
    def is_note(self) -> bool:
        """Whether it is a credit or a debit note."""
        return self.receipt.type != "FiscalInvoice"

    @property
    def sign(self) -> int:
        """Minus one for a receipt that takes money back."""
        return -1 if self.receipt.is_credit else 1


@dataclass(frozen=True, slots=True)
class Rule:
    """One validation code.

    Attributes:
        needs_previous: it can only be judged once the receipt before it is there.
    """

    code: str
    colour: Colour
    is_broken: Callable[[Case], bool]
    needs_previous: bool = False
