"""QR codes for printers: how large a code gets, and its picture where we must draw it."""

from __future__ import annotations

from printing.errors import TooWide, UnprintableData

# Bytes that versions 1, 2, 3 ... hold at error correction M in byte mode (ISO/IEC 18004, table 7).
CAPACITY_M = (
    14, 26, 42, 62, 84, 106, 122, 152, 180, 213, 251, 287, 331, 362, 412, 450, 504, 560, 624, 666,
)  # fmt: skip
QUIET = 4
MODULE_MIN = 2
"""Dots; below, scanners fail, and a picture of wider modules holds no 10h byte, so that no
real-time command can hide in it."""


def payload(data: str) -> bytes:
    """The bytes of a QR code's text; raises UnprintableData for control characters or excess."""
    if not data or not data.isprintable():
        raise UnprintableData("QR code", "its text is empty or has control characters")
    encoded = data.encode("utf-8")
    if len(encoded) > CAPACITY_M[-1]:
        raise UnprintableData("QR code", f"its text has more than {CAPACITY_M[-1]} bytes")
    return encoded


def modules(data: bytes) -> int:
    """Modules along one side, without the quiet zone."""
    version = next(i for i, capacity in enumerate(CAPACITY_M, 1) if len(data) <= capacity)
    return 17 + 4 * version


def module_dots(data: bytes, *, wanted: int, dots: int) -> int:
    """Dots of one module so that the code fits the paper; raises TooWide when none does."""
    side = modules(data) + 2 * QUIET
    fitting = min(wanted, dots // side)
    if fitting < MODULE_MIN:
        raise TooWide("The QR code", needs=side * MODULE_MIN, has=dots, unit="dots")
    return fitting


def raster(data: bytes, scale: int) -> tuple[int, int, bytes]:
    """The code as a picture: bytes per row, rows, and the bits, quiet zone included.

    Args:
        data: from `payload`.
        scale: dots per module, at least two.
    """
    import segno

    code = segno.make_qr(data, error="m", mode="byte", boost_error=False)
    rows = [_bits(bytes(row), scale) for row in code.matrix_iter(border=QUIET)]
    return len(rows[0]), len(rows) * scale, b"".join(row * scale for row in rows)


def _bits(row: bytes, scale: int) -> bytes:
    text = "".join(("1" if module else "0") * scale for module in row)
    text += "0" * (-len(text) % 8)
    return int(text, 2).to_bytes(len(text) // 8, "big")
