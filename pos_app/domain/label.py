"""Labels of goods: what the shelf shows, what it should show, and what a label goes through."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from pos_app.domain.barcode import parse_mask
from pos_app.domain.gtin import check_digit
from pos_app.domain.item import Item
from pos_app.domain.money import half_up
from pos_app.errors import Conflict, InvalidInput

MOST_COPIES = 99


class LabelCause(StrEnum):
    """Why a label is due."""

    NEW = "new"
    PRICE = "price"
    TEXT = "text"
    """The name, the unit or the barcode is another one."""
    HAND = "hand"
    """Somebody asked for it."""


class LabelState(StrEnum):
    """Where a label is."""

    DUE = "due"
    """The shelf shows something else than the books."""
    ASKED = "asked"
    """Waits for the label printer."""
    SENT = "sent"
    """Its first byte is about to leave, or has left."""
    PRINTED = "printed"
    """It came out; nobody has said that it is on the shelf."""
    UNSURE = "unsure"
    """Nobody knows whether it came out."""
    CONFIRMED = "confirmed"
    """It is on the shelf, or in the hand of whoever asked for it."""
    CANCELLED = "cancelled"
    """Somebody said that none is needed, or the price went back."""
    REPLACED = "replaced"
    """Another price came before it was on the shelf."""


LIVE = (
    LabelState.DUE, LabelState.ASKED, LabelState.SENT, LabelState.PRINTED, LabelState.UNSURE,
)  # fmt: skip
"""States in which somebody still has to do something."""

MAY_BE_ASKED = frozenset({LabelState.DUE, LabelState.PRINTED, LabelState.UNSURE})
MAY_BE_CONFIRMED = frozenset({LabelState.PRINTED, LabelState.UNSURE})
MAY_BE_CANCELLED = frozenset(
    {LabelState.DUE, LabelState.ASKED, LabelState.PRINTED, LabelState.UNSURE}
)


class LabelMoved(Conflict):
    """A label is not where somebody thinks it is."""

    code = "label_moved"

    def __init__(self, item: str, state: str, wanted: str) -> None:
        super().__init__(
            f"The label of {item} is {state} and cannot be {wanted} now: look at the list again.",
            item=item,
            state=state,
        )


class LabelImpossible(InvalidInput):
    """A label cannot carry what it should."""

    code = "label_impossible"

    def __init__(self, item: str, why: str) -> None:
        super().__init__(f"No label can be made for {item}: {why}.", item=item)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a label says that, once it changes, makes the one on the shelf wrong.

    A price that is only the other one at today's rate is none of them: it changes every day.

    Attributes:
        prices: by currency, as plain decimal text.
    """

    name: str
    uom: str
    barcode: str
    prices: Mapping[str, str]

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "name": self.name,
            "uom": self.uom,
            "barcode": self.barcode,
            "prices": dict(self.prices),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Facts:
        """From plain data."""
        return cls(
            name=data["name"], uom=data["uom"], barcode=data["barcode"], prices=data["prices"]
        )


def cause_of(was: Facts | None, now: Facts) -> LabelCause:
    """Why the label has to change."""
    if was is None:
        return LabelCause.NEW
    return LabelCause.PRICE if dict(was.prices) != dict(now.prices) else LabelCause.TEXT


_CONTENT = re.compile(
    r"(?:(?P<pieces>\d{1,3})\s?[x\u00d7]\s?)?(?P<size>\d{1,5}(?:[.,]\d{1,3})?)\s?"
    r"(?P<unit>kg|g|l|lt|ltr|ml|cl)\b",
    re.IGNORECASE,
)
_MEASURES = {
    "kg": ("kg", Decimal(1)),
    "g": ("kg", Decimal("0.001")),
    "l": ("l", Decimal(1)),
    "lt": ("l", Decimal(1)),
    "ltr": ("l", Decimal(1)),
    "ml": ("l", Decimal("0.001")),
    "cl": ("l", Decimal("0.01")),
}


def content_of(item: Item) -> tuple[Decimal, str] | None:
    """How much one unit of an item holds, in kg or l; None where that is not certain.

    Goods sold by weight or volume hold one of it; of others the name tells, if it names exactly one
    size, such as ``2 l`` or ``6 x 330 ml``.
    """
    if item.uom.casefold() in _MEASURES:
        measure, factor = _MEASURES[item.uom.casefold()]
        return factor, measure
    found = list(_CONTENT.finditer(item.name))
    if len(found) != 1:
        return None
    measure, factor = _MEASURES[found[0]["unit"].casefold()]
    size = Decimal(found[0]["size"].replace(",", ".")) * factor * int(found[0]["pieces"] or 1)
    return (size, measure) if size > 0 else None


def per_measure(price: Decimal, content: Decimal) -> Decimal:
    """The price of one kg or l, to the cent."""
    return half_up(price / content, 2)


def embedded(item: Item, masks: tuple[str, ...], *, weight: Decimal, price: Decimal) -> str:
    """The barcode of a pack that was weighed: item and weight, or item and price, with its check.

    Args:
        item: its own code, or one of its barcodes, fills the item's digits of a mask.
        masks: the shop's layouts, the first that fits is taken (GS1 General Specifications,
            variable measure trade items with restricted circulation prefixes).
        weight: in the item's unit.
        price: of the whole pack.

    Raises:
        LabelImpossible: no mask has room for it.
    """
    for text in masks:
        code = _filled(text, item, weight=weight, price=price)
        if code:
            return code
    raise LabelImpossible(
        item.code, "no mask in [till] masks has room for its code and this weight or price"
    )


def _filled(text: str, item: Item, *, weight: Decimal, price: Decimal) -> str:
    mask = parse_mask(text)
    letter = "W" if "W" in mask.text else "P"
    value = (weight if letter == "W" else price).scaleb(mask.decimals)
    digits = str(int(value)).zfill(mask.text.count(letter)) if value == int(value) else ""
    room = mask.text.count("I")
    known = (item.code, *item.barcodes)
    own = next((code for code in known if code.isdecimal() and len(code) == room), "")
    if not own or not digits or len(digits) != mask.text.count(letter):
        return ""
    code = re.sub("I+", own, re.sub(f"{letter}+", digits, mask.text, count=1), count=1)
    code = code.replace("X", "0")
    return code[:-1] + check_digit(code[:-1]) if mask.has_check else code
