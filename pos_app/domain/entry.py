"""What a cashier typed in the one entry line of the sale screen."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from pos_app.domain.quantity import parse_quantity
from pos_app.errors import InvalidInput

LONGEST = 200

_NUMBER = r"\d{1,9}(?:\.\d{1,6})?|\.\d{1,6}"
_MULTIPLY = re.compile(r"([\d.]+)\*(.*)", re.ASCII | re.DOTALL)
_LINE = re.compile(r"(\d{0,4})-", re.ASCII)
_QUICK = re.compile(r"@(\d{1,2})", re.ASCII)


class EntryInvalid(InvalidInput):
    """The entry line cannot be understood."""

    code = "entry_invalid"

    def __init__(self, text: str, why: str) -> None:
        super().__init__(
            f"{text[:40]!r} {why}: type a code, 3*code, /name, - or 2- to take out a line.",
            entry=text[:40],
        )


@dataclass(frozen=True, slots=True)
class Nothing:
    """An empty line."""


@dataclass(frozen=True, slots=True)
class Code:
    """Sell a code, ``3*CODE`` with a quantity; without one the quantity set before counts."""

    code: str
    quantity: Decimal | None = None


@dataclass(frozen=True, slots=True)
class NextQuantity:
    """``3*``: the next item is sold three times; on an empty scan it changes the current line."""

    quantity: Decimal


@dataclass(frozen=True, slots=True)
class SetQuantity:
    """``*5``: the current line becomes five."""

    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Search:
    """``/text``: look for an item by name; ``3*/text`` sells three of the one chosen."""

    text: str
    quantity: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Correct:
    """``-``: take out the last line; ``2-``: line 2."""

    line: int | None = None


@dataclass(frozen=True, slots=True)
class Repeat:
    """``!``: sell the last item again; ``3*!`` three times."""

    quantity: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Quick:
    """``@4``: the fourth quick item."""

    number: int


Entry = Nothing | Code | NextQuantity | SetQuantity | Search | Correct | Repeat | Quick


def parse_entry(text: str) -> Entry:
    """Read one entry line.

    Raises:
        EntryInvalid: a quantity of zero, two quantities, line 0, control characters, too long.
    """
    line = text.strip()
    if not line:
        return Nothing()
    if len(line) > LONGEST:
        raise EntryInvalid(text, f"is longer than {LONGEST} characters")
    if any(not (char.isprintable() or char == "\x1d") for char in line):
        raise EntryInvalid(text, "has control characters")
    if line.startswith("*"):
        return SetQuantity(_quantity(line[1:].strip(), text))
    multiplied = _MULTIPLY.fullmatch(line)
    if multiplied is None:
        return _plain(line, None, text=text)
    quantity, rest = _quantity(multiplied[1], text), multiplied[2].strip()
    if not rest:
        return NextQuantity(quantity)
    if rest.startswith("*") or _MULTIPLY.fullmatch(rest):
        raise EntryInvalid(text, "has two quantities")
    return _plain(rest, quantity, text=text)


def _plain(line: str, quantity: Decimal | None, *, text: str) -> Entry:
    if line.startswith("/"):
        return Search(line[1:].strip(), quantity)
    if line == "!":
        return Repeat(quantity)
    corrected, quick = _LINE.fullmatch(line), _QUICK.fullmatch(line)
    if (corrected or quick) and quantity is not None:
        raise EntryInvalid(text, "has a quantity where none belongs")
    if corrected:
        number = corrected[1]
        if number and int(number) == 0:
            raise EntryInvalid(text, "names line 0")
        return Correct(int(number) if number else None)
    if quick:
        return Quick(int(quick[1]))
    return Code(line, quantity)


def _quantity(digits: str, text: str) -> Decimal:
    if not re.fullmatch(_NUMBER, digits, re.ASCII):
        raise EntryInvalid(text, "has no quantity like 3 or 1.5 at its *")
    quantity = parse_quantity(digits)
    if quantity <= 0:
        raise EntryInvalid(text, "has a quantity of zero")
    return quantity
