"""What would go wrong today, named before the first customer (production lesson L56)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Stops(StrEnum):
    """Which documents cannot be posted while a problem lasts; NOTHING for a mere warning."""

    NOTHING = ""
    EVERYTHING = "everything"
    DAY = "day"
    KIND = "kind"
    CURRENCY = "currency"
    PARTNER = "partner"
    ITEM = "item"
    TENDER = "tender"
    TAX = "tax"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing to put right.

    Attributes:
        code: snake_case and stable, for programs.
        subject: what it is about: an account, an item, a currency.
        sentence: what is wrong, and what to do.
        stops: which documents; those of this subject.
    """

    code: str
    subject: str
    sentence: str
    stops: Stops = Stops.NOTHING
