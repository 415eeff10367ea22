"""What a printer can do, as data; choose the nearest by name and change fields in configuration."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any

from printing.codepages import Pages, is_code_page
from printing.errors import UnknownProfile


class Cutter(StrEnum):
    """The knife, if any."""

    NONE = "none"
    PARTIAL = "partial"
    FULL = "full"


class QrMode(StrEnum):
    """Who draws a QR code: the printer (fast) or we, dot by dot."""

    NATIVE = "native"
    RASTER = "raster"


class Font(StrEnum):
    """The letters of a whole paper: A is read at arm's length, B puts a third more in a line."""

    A = "a"
    B = "b"


class LogoMode(StrEnum):
    """How a picture in the printer's memory is called: by the old command or the new one."""

    NUMBER = "number"
    """``FS p``, which most printers and clones know."""
    KEY = "key"
    """``GS ( L`` with the two digits of its number as key code; the only one of newer printers."""


class Flow(StrEnum):
    """How the printer says that its buffer is full, on a serial line."""

    NONE = "none"
    XONXOFF = "xonxoff"
    RTSCTS = "rtscts"


DUTY = 4
"""A drawer coil rests at least four times as long as it pulls."""

EPSON_PAGES: Pages = (
    (0, "cp437"),
    (2, "cp850"),
    (19, "cp858"),
    (16, "cp1252"),
    (18, "cp852"),
    (17, "cp866"),
    (14, "cp737"),
    (13, "cp857"),
    (33, "cp775"),
)
CLONE_PAGES: Pages = ((0, "cp437"), (2, "cp850"), (19, "cp858"), (16, "cp1252"), (17, "cp866"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One kind of printer.

    Attributes:
        columns, columns_b: characters of fonts A and B in a line; dots: printable width in dots.
        font: which of the two papers are printed in; `width` is its number of columns.
        code_pages: numbers of ``ESC t`` with the codec of each, most wanted first.
        leaves_kanji: send ``FS .`` first, for clones that start in a two-byte mode.
        feed_lines: lines between print head and tear bar, for printers without a knife.
        drawer_pin: 0 for connector pin 2, 1 for pin 5, None without a drawer.
        pulse_on_ms, pulse_off_ms: drawer pulse; on-time at most a fifth of the whole.
        qr: who draws QR codes; logo: how a picture in the printer's memory is called.
        qr_dots: dots of one module of a QR code, made smaller where the code needs it.
        answers: replies to ``DLE EOT``; a one-way line or cheap clone does not.
        asb: reports changes by itself (``GS a``).
        process_id: answers ``GS ( H`` when the data before it are on paper.
        buffer: bytes the printer takes while it cannot print.
        baud, flow: of a serial line.
        lines_per_second: printing speed, for how long to wait.
    """

    name: str
    columns: int
    columns_b: int
    dots: int
    font: Font = Font.A
    code_pages: Pages = EPSON_PAGES
    leaves_kanji: bool = False
    cutter: Cutter = Cutter.PARTIAL
    feed_lines: int = 0
    drawer_pin: int | None = 0
    pulse_on_ms: int = 100
    pulse_off_ms: int = 500
    qr: QrMode = QrMode.NATIVE
    qr_dots: int = 6
    logo: LogoMode = LogoMode.NUMBER
    answers: bool = True
    asb: bool = True
    process_id: bool = True
    buffer: int = 4096
    baud: int = 38400
    flow: Flow = Flow.NONE
    lines_per_second: float = 30.0

    @property
    def width(self) -> int:
        """Characters in a line of the font that papers are printed in."""
        return self.columns_b if self.font is Font.B else self.columns


PROFILES: Mapping[str, Profile] = {
    profile.name: profile
    for profile in (
        Profile(name="80mm", columns=48, columns_b=64, dots=576),
        Profile(name="80mm-42", columns=42, columns_b=56, dots=512, qr_dots=5),
        Profile(name="58mm", columns=32, columns_b=42, dots=384, qr_dots=5),
        Profile(
            name="80mm-clone",
            columns=48,
            columns_b=64,
            dots=576,
            code_pages=CLONE_PAGES,
            leaves_kanji=True,
            asb=False,
            process_id=False,
        ),
        Profile(
            name="58mm-clone",
            columns=32,
            columns_b=42,
            dots=384,
            code_pages=CLONE_PAGES,
            leaves_kanji=True,
            cutter=Cutter.NONE,
            feed_lines=4,
            qr=QrMode.RASTER,
            qr_dots=5,
            asb=False,
            process_id=False,
            lines_per_second=15.0,
        ),
        Profile(
            name="one-way",
            columns=48,
            columns_b=64,
            dots=576,
            answers=False,
            asb=False,
            process_id=False,
        ),
    )
}


def profile_named(name: str) -> Profile:
    """The profile of a name; raises UnknownProfile."""
    if name not in PROFILES:
        raise UnknownProfile(f"printer profile named {name!r}", tuple(PROFILES))
    return PROFILES[name]


def adapted(profile: Profile, changes: Mapping[str, Any]) -> Profile:
    """A profile with some fields changed, as configuration does.

    Args:
        profile: the nearest named one.
        changes: field names with plain values: numbers, truth values, text for `cutter`, `qr`,
            `flow`, `font` and `logo`, ``"none"`` for no `drawer_pin`, and for
            `code_pages` a table of number to codec, such as ``{"0": "cp437"}``.

    Raises:
        UnknownProfile: a field or a value does not exist; the sentence lists what does.
    """
    known = tuple(field.name for field in fields(Profile) if field.name != "name")
    for name in changes:
        if name not in known:
            raise UnknownProfile(f"printer setting named {name!r}", known)
    values: dict[str, Any] = {name: _value(name, value) for name, value in changes.items()}
    changed = replace(profile, **values)
    _check(changed)
    return changed


_CHOICES: Mapping[str, type[StrEnum]] = {
    "cutter": Cutter,
    "qr": QrMode,
    "flow": Flow,
    "font": Font,
    "logo": LogoMode,
}
_FLAGS = frozenset({"leaves_kanji", "answers", "asb", "process_id"})
_RANGES: Mapping[str, tuple[float, float]] = {
    "columns": (24, 96),
    "columns_b": (24, 128),
    "dots": (192, 1200),
    "feed_lines": (0, 40),
    "pulse_on_ms": (20, 500),
    "pulse_off_ms": (80, 510),
    "qr_dots": (2, 16),
    "buffer": (45, 1_000_000),
    "baud": (300, 4_000_000),
    "lines_per_second": (0.5, 500),
}


def _value(name: str, value: Any) -> Any:
    if name in _CHOICES:
        allowed = tuple(choice.value for choice in _CHOICES[name])
        if value not in allowed:
            raise UnknownProfile(f"{name} of a printer named {value!r}", allowed)
        return _CHOICES[name](value)
    if name == "code_pages":
        return _pages(value)
    if name in _FLAGS and not isinstance(value, bool):
        raise UnknownProfile(f"{name} of a printer valued {value!r}", ("true", "false"))
    if name == "drawer_pin":
        return _pin(value)
    return value


def _pin(value: Any) -> int | None:
    if value in (None, "none"):
        return None
    if isinstance(value, bool) or value not in (0, 1):
        raise UnknownProfile(f"drawer pin numbered {value!r}", ("0", "1", "none"))
    return int(value)


def _pages(value: Any) -> Pages:
    try:
        pages = tuple(
            (int(number), codecs.lookup(str(name)).name) for number, name in value.items()
        )
    except (AttributeError, ValueError, LookupError) as error:
        raise UnknownProfile(f"code page table {value!r}", ("0 = cp437", "16 = cp1252")) from error
    usable = (0 <= number <= 255 and is_code_page(codec) for number, codec in pages)
    if not pages or not all(usable):
        raise UnknownProfile(f"code page table {value!r}", ("0 = cp437", "16 = cp1252"))
    return pages


def _check(profile: Profile) -> None:
    for name, (least, most) in _RANGES.items():
        value = getattr(profile, name)
        kinds = int | float if name == "lines_per_second" else int
        is_number = isinstance(value, kinds) and not isinstance(value, bool)
        if not is_number or not least <= value <= most:
            raise UnknownProfile(f"{name} of a printer valued {value!r}", (f"{least} to {most}",))
    if profile.pulse_off_ms < DUTY * profile.pulse_on_ms and profile.pulse_off_ms < 510:
        needed = (f"{DUTY * profile.pulse_on_ms} ms and more",)
        raise UnknownProfile(f"pause of {profile.pulse_off_ms} ms after this drawer pulse", needed)
