"""What a scanned text means: plain codes, weight and price labels, GS1 element strings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from pos_app.domain.gs1 import Gs1Invalid, Gs1Scan, is_marked_gs1, may_be_gs1, parse_gs1
from pos_app.domain.gtin import check_digit, expand_upc_e
from pos_app.domain.item import ItemUnknown
from pos_app.errors import InvalidInput, NotFound

LONGEST = 256
"""The longest text a scanner may deliver."""

_GTIN_LENGTHS = {8, 12, 13, 14}
_SYMBOLOGY = re.compile(r"\][A-Za-z][0-9]", re.ASCII)
"""What scanners may send in front of a code to tell its symbology, as in ]E0."""


class CheckDigitWrong(InvalidInput):
    """The last digit of a code does not fit the others: the scan or the typing went wrong."""

    code = "check_digit_wrong"

    def __init__(self, scanned: str, expected: str) -> None:
        super().__init__(
            f"Code {scanned} ends in {scanned[-1:]} where its check digit is {expected}: "
            "scan it again or type it from the label.",
            scanned=scanned,
            expected=expected,
        )


class ScanInvalid(InvalidInput):
    """A scanned or typed text cannot be a code at all."""

    code = "scan_invalid"

    def __init__(self, text: str, why: str) -> None:
        super().__init__(f"The scan {text[:40]!r} {why}: scan it again.", scanned=text[:40])


class MaskInvalid(InvalidInput):
    """A barcode mask in the settings cannot be understood."""

    code = "mask_invalid"

    def __init__(self, mask: str, why: str) -> None:
        super().__init__(
            f"Barcode mask {mask!r} {why}: write it like 21IIIIIWWWWWC or 22IIIIIPPPPPC.",
            mask=mask,
        )


@dataclass(frozen=True, slots=True)
class PlainCode:
    """A code to look up as it is.

    Attributes:
        expected_check: the check digit it should end in when it has the length of a GTIN but
            ends in another digit; empty when nothing is wrong. Shops do use such codes of their
            own, so they are looked up first and only then refused (``unknown``).
    """

    code: str
    expected_check: str = ""


@dataclass(frozen=True, slots=True)
class WeightEmbedded:
    """A label that names an item and its weight in the item's unit (kg)."""

    item_code: str
    quantity: Decimal
    scanned: str


@dataclass(frozen=True, slots=True)
class PriceEmbedded:
    """A label that names an item and the price to pay, in the price list's currency."""

    item_code: str
    price: Decimal
    scanned: str


Scan = PlainCode | WeightEmbedded | PriceEmbedded | Gs1Scan


@dataclass(frozen=True, slots=True)
class Mask:
    """One configured label layout.

    Letters: ``I`` item digit, ``W`` weight in thousandths, ``P`` price in cents, ``C`` check digit
    (last place), ``X`` a digit that is ignored; digits stand for themselves.
    """

    text: str
    pattern: re.Pattern[str]
    decimals: int
    has_check: bool


@lru_cache(maxsize=256)
def parse_mask(text: str) -> Mask:
    """Read a mask; ``/n`` behind it overrides the decimals (3 for weights, 2 for prices).

    Raises:
        MaskInvalid: other letters, torn groups, both or neither of W and P.
    """
    layout, slash, places = text.partition("/")
    shape = re.fullmatch(r"\d+(X*)(I+)(X*)(W+|P+)(X*)(C?)", layout)
    if shape is None or (slash and not re.fullmatch(r"[0-6]", places)):
        raise MaskInvalid(text, "is not a prefix, item digits, weight or price digits, check digit")
    is_weight = "W" in layout
    pattern = ""
    for run in re.finditer(r"(.)\1*", layout):
        letter, size = run[0][0], len(run[0])
        names = {"I": f"(?P<item>\\d{{{size}}})", "X": f"\\d{{{size}}}", "C": "\\d"}
        value = f"(?P<value>\\d{{{size}}})"
        pattern += names.get(letter, value if letter in "WP" else run[0])
    default = 3 if is_weight else 2
    return Mask(
        text=layout,
        pattern=re.compile(pattern, re.ASCII),
        decimals=int(places) if places else default,
        has_check=layout.endswith("C"),
    )


def parse_scan(text: str, masks: Sequence[str] = ()) -> Scan:
    r"""Say what a scanned or typed text is.

    Masks are tried first, in order; then GS1; everything else is a plain code.

    Args:
        text: as the scanner sent it, FNC1 as ``\x1d``.
        masks: layouts of the shop's own labels.

    Raises:
        CheckDigitWrong: a label or GTIN inside GS1 does not fit its check digit.
        Gs1Invalid: a GS1 element string is torn or unknown.
        ScanInvalid: empty, too long, or with control characters.
    """
    code = text.strip(" \t\r\n")
    if not code:
        raise ScanInvalid(text, "is empty")
    if len(code) > LONGEST:
        raise ScanInvalid(text, f"is longer than {LONGEST} characters")
    if any(not (char.isprintable() or char == "\x1d") for char in code):
        raise ScanInvalid(text, "has control characters")
    if _SYMBOLOGY.match(code) and not is_marked_gs1(code):
        code = code[3:]
    for mask in masks:
        found = _embedded(code, parse_mask(mask))
        if found is not None:
            return found
    return _gs1(code) or PlainCode(code, wrong_check(code))


def _gs1(code: str) -> Gs1Scan | None:
    """Read a GS1 code; a text that only happens to look like one may still be a plain code."""
    if not is_marked_gs1(code) and not may_be_gs1(code):
        return None
    try:
        scan = parse_gs1(code)
    except Gs1Invalid:
        if is_marked_gs1(code):
            raise
        return None
    _require_check(scan.gtin)
    return scan


def _embedded(code: str, mask: Mask) -> WeightEmbedded | PriceEmbedded | None:
    match = mask.pattern.fullmatch(code)
    if match is None:
        return None
    if mask.has_check:
        _require_check(code)
    value = Decimal(match["value"]).scaleb(-mask.decimals)
    kind = WeightEmbedded if "W" in mask.text else PriceEmbedded
    if not value:
        raise ScanInvalid(code, "is a label of weight or price zero")
    return kind(match["item"], value, code)


def _require_check(code: str) -> None:
    if code and (expected := check_digit(code[:-1])) != code[-1]:
        raise CheckDigitWrong(code, expected)


def wrong_check(code: str) -> str:
    """Return the check digit a code of GTIN length should end in, or "" if it is right or none.

    Eight digits are right when they fit either EAN-8 or UPC-E.
    """
    if len(code) not in _GTIN_LENGTHS or not (code.isascii() and code.isdecimal()):
        return ""
    expected = check_digit(code[:-1])
    if expected == code[-1] or (len(code) == 8 and expand_upc_e(code)):
        return ""
    return expected


def unknown(scan: PlainCode) -> NotFound | InvalidInput:
    """Return the error for a plain code nobody has: a wrong check digit is named as such."""
    if scan.expected_check:
        return CheckDigitWrong(scan.code, scan.expected_check)
    return ItemUnknown(scan.code)


def candidates(code: str) -> tuple[str, ...]:
    """Return every spelling under which the same GTIN may be stored, the given one first.

    UPC-A is EAN-13 with a leading zero, GTIN-14 with two; UPC-E expands to UPC-A.
    A code that is no valid GTIN has only itself.
    """
    found = [code]
    if len(code) in _GTIN_LENGTHS and code.isascii() and code.isdecimal():
        if check_digit(code[:-1]) == code[-1]:
            found += _spellings(code)
        if len(code) == 8 and (upc_a := expand_upc_e(code)):
            found += _spellings(upc_a)
    return tuple(dict.fromkeys(found))


def _spellings(code: str) -> list[str]:
    full = code.zfill(14)
    return [
        full[14 - length :]
        for length in (13, 12, 14, 8)
        if not full[: 14 - length].strip("0") and not (length == 8 and full[6:].startswith("0"))
    ]
