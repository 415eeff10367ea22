"""How one box wants to be spoken to; boxes of the same maker differ."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
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
HS_CODES = Profile(name="hs-codes", hs_key="HSCODE")
WHOLE_Z = Profile(name="whole-z", is_z_in_cents=False)

_ENTRIES = (PERCENT, FRACTION, AMOUNT, NEGATIVE_CREDIT, DEBIT_NOTES, HS_CODES, WHOLE_Z)
PROFILES = {entry.name: entry for entry in _ENTRIES}


def profile(name: str) -> Profile:
    """The profile of a name, or of several joined by plus signs, such as ``fraction+debit-notes``.

    Raises:
        ProfileUnknown: one of them does not exist, or two say different things.
    """
    made = Profile(name=name)
    said: dict[str, str] = {}
    for part in name.split("+"):
        if part not in PROFILES:
            raise ProfileUnknown(part, tuple(PROFILES))
        for habit in _habits(PROFILES[part]):
            if said.setdefault(habit, part) != part:
                raise ProfileUnknown(name, tuple(PROFILES))
            made = replace(made, **{habit: getattr(PROFILES[part], habit)})
    return made


def _habits(entry: Profile) -> list[str]:
    """What a profile says that is not the rule; one of the tax dialects is said always."""
    names = [field.name for field in fields(Profile) if field.name != "name"]
    usual = Profile(name="")
    habits = [name for name in names if getattr(entry, name) != getattr(usual, name)]
    return habits or ["taxes"]
