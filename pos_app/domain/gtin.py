"""Check digits of EAN-8, EAN-13, UPC-A, UPC-E and GTIN-14 (GS1 General Specifications §7.9)."""

from __future__ import annotations


def check_digit(body: str) -> str:
    """Return the check digit for the digits before it: weights 3, 1, 3 … from the right."""
    odd = sum(int(digit) for digit in body[::-2])
    even = sum(int(digit) for digit in body[-2::-2])
    return str(-(3 * odd + even) % 10)


def has_valid_check(code: str) -> bool:
    """Whether the last digit of an all-digit code is its check digit."""
    return code.isascii() and code.isdecimal() and check_digit(code[:-1]) == code[-1]


def expand_upc_e(code: str) -> str:
    """Return the UPC-A of an eight-digit UPC-E, or "" if it is not one.

    Number system 0 or 1, six digits, check digit of the expanded code.
    """
    if not (len(code) == 8 and code.isascii() and code.isdecimal() and code[0] in "01"):
        return ""
    system, body, check = code[0], code[1:7], code[7]
    last = body[5]
    if last in "012":
        expanded = body[:2] + last + "0000" + body[2:5]
    elif last == "3":
        expanded = body[:3] + "00000" + body[3:5]
    elif last == "4":
        expanded = body[:4] + "00000" + body[4]
    else:
        expanded = body[:5] + "0000" + last
    return system + expanded + check if check_digit(system + expanded) == check else ""
