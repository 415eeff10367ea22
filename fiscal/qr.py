"""The QR data of a fiscal receipt and the verification code inside it (ZIMRA FDMS 7.2 §11)."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import date, datetime

TAIL_LENGTH = 44

_TAIL = re.compile(r"(\d{10})(\d{8})(\d{10})([0-9A-F]{16})")


@dataclass(frozen=True, slots=True)
class QrTail:
    """The last 44 characters: device, date, global number and the 16 digits of the code."""

    device_id: int
    date: date
    receipt_global_no: int
    code: str

    @property
    def verification_code(self) -> str:
        """The code as it is printed, in four groups of four."""
        return grouped(self.code)


def signature_code(signature: bytes) -> str:
    """The first 16 hex digits of the MD5 over the raw signature bytes, upper case."""
    return hashlib.md5(signature, usedforsecurity=False).hexdigest()[:16].upper()


def grouped(code: str) -> str:
    """Four groups of four, joined by hyphens."""
    return "-".join(code[at : at + 4] for at in range(0, 16, 4))


def compose(base_url: str, tail: QrTail) -> str:
    """The whole QR text; a slash is put between only when the address lacks it."""
    slash = "" if base_url.endswith("/") else "/"
    return (
        f"{base_url}{slash}{tail.device_id:010d}{tail.date:%d%m%Y}"
        f"{tail.receipt_global_no:010d}{tail.code}"
    )


def parse(text: str) -> QrTail | None:
    """Read the tail of QR data; None when there is none, or its date cannot be."""
    found = _TAIL.fullmatch(text.strip()[-TAIL_LENGTH:])
    if found is None:
        return None
    device, day, number, code = found.groups()
    try:
        on = datetime.strptime(day, "%d%m%Y").date()  # noqa: DTZ007 - a date has no zone
    except ValueError:
        return None
    return QrTail(int(device), on, int(number), code)
