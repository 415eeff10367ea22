"""What barcodes can carry, for whoever draws them."""

from __future__ import annotations

from printing.document import Barcode, Symbology
from printing.errors import UnprintableData

CODE128_MAX, EAN_DIGITS = 60, 13


def check(block: Barcode) -> None:
    """Raise UnprintableData where the symbol cannot carry its text.

    A wrong check digit of an EAN-13 (GS1 General Specifications, 7.9) is refused here: printers
    print nothing, and libraries print another number.
    """
    data = block.data
    if block.symbology is Symbology.EAN13:
        if len(data) != EAN_DIGITS or not (data.isascii() and data.isdigit()):
            raise UnprintableData("barcode", "an EAN-13 has thirteen digits")
        if sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(data)) % 10:
            raise UnprintableData("barcode", f"the check digit of {data} is wrong")
    elif not 0 < len(data) <= CODE128_MAX or not (data.isascii() and data.isprintable()):
        raise UnprintableData("barcode", f"it takes 1 to {CODE128_MAX} ASCII characters")
