"""How one box wants to be spoken to; boxes of the same maker differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from fiscal.errors import ProfileUnknown

TaxDialect = Literal["percent", "fraction", "amount"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The dialect of a box.

    Attributes:
        taxes: ``percent``: TAX is the tax id, TAXR "15.5"; ``fraction``: TAX is the tax id, TAXR
            "0.155"; ``amount``: TAX is the line's tax, TAXR "0.155".
        is_credit_negative: credit notes carry negative figures instead of magnitudes.
        hs_key: key under which an item's HS code is sent; empty to leave it out.
        is_z_in_cents: whether amounts of a Z report are whole cents.
        takes_debit_notes: whether debit notes are known to be filed; their code 03 was never seen
            on a real box.
    """

    name: str
    taxes: TaxDialect = "percent"
    is_credit_negative: bool = False
    hs_key: str = ""
    is_z_in_cents: bool = True
    takes_debit_notes: bool = False


PERCENT = Profile(name="percent")
FRACTION = Profile(name="fraction", taxes="fraction")
AMOUNT = Profile(name="amount", taxes="amount")
NEGATIVE_CREDIT = Profile(name="negative-credit", is_credit_negative=True)
DEBIT_NOTES = Profile(name="debit-notes", takes_debit_notes=True)

PROFILES = {
    entry.name: entry for entry in (PERCENT, FRACTION, AMOUNT, NEGATIVE_CREDIT, DEBIT_NOTES)
}


def profile(name: str) -> Profile:
    """The profile of that name; raises ProfileUnknown."""
    if name not in PROFILES:
        raise ProfileUnknown(name, tuple(PROFILES))
    return PROFILES[name]
