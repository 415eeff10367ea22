"""The daily proof as plain data: four accounts of one day side by side, and where they differ."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofDifference:
    """One document on which two sides do not agree; `age` empty for what is final."""

    document: str
    sentence: str
    age: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofFigure:
    """One figure, a text per side in the order of the sides."""

    name: str
    cells: tuple[str, ...]
    differs: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofPart:
    """The figures of one till and currency."""

    till: str
    currency: str
    figures: tuple[ProofFigure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyProof:
    """A day side by side; times in the shop's own time.

    Attributes:
        verdict: the result in one sentence.
        unread: sides that could not be read, with the reason.
        sides: names of the columns.
    """

    shop: str
    day: date
    made_at: datetime
    verdict: str
    sides: tuple[str, ...]
    differences: tuple[ProofDifference, ...] = ()
    unread: tuple[str, ...] = ()
    parts: tuple[ProofPart, ...] = ()
    language: str = "en"
