"""What the set-up screen says of a printer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pos_app.services.printer_setup import Choice
from pos_app.tui.widgets.text import Part
from printing.status import Paper, PrinterStatus
from printing.trial import Trial

NAMES = {
    Trial.RULER: "Ruler",
    Trial.CODEPAGE: "Letters",
    Trial.QR: "QR code",
    Trial.CUTTER: "Cutter",
    Trial.DRAWER: "Drawer",
}
WIDTH = 12


def shown(choice: Choice, tried: Mapping[Trial, str], changes: Sequence[str]) -> list[Part]:
    """The whole screen: the printer, its test papers, and what is not saved."""
    parts: list[Part] = [
        *_row("Address", choice.url or "none yet: choose one"),
        *_row("Profile", choice.profile),
        *(part for name, value in choice.settings.items() for part in _row(name, _value(value))),
        *_row("Drawer", _level(choice.open_level)),
        ("\nTest papers\n", "bold $primary"),
    ]
    for kind, name in NAMES.items():
        parts += _row(name, tried.get(kind, "not tried"), is_muted=kind not in tried)
    if changes:
        parts.append(("\nNot saved yet\n", "bold $text-warning"))
        parts += [f"  {line}\n" for line in changes]
    return parts


def status(seen: PrinterStatus, choice: Choice) -> str:
    """One sentence about what a printer says of itself."""
    if seen.problem is not None:
        return str(seen.problem)
    paper = "its paper is near the end" if seen.paper is Paper.NEAR_END else "it has paper"
    if not choice.open_level or seen.drawer_pin_high is None:
        return f"The printer is ready, {paper}."
    is_open = seen.drawer_pin_high is (choice.open_level == "high")
    return f"The printer is ready, {paper}, the drawer is {'open' if is_open else 'shut'}."


def learnt(kind: Trial, lines: Sequence[str]) -> str:
    """One sentence about what a paper taught."""
    if not lines:
        return f"{NAMES[kind]}: the settings are right as they are."
    return f"{NAMES[kind]}: {', '.join(lines)}. Print it once more to see the difference."


def _row(name: str, value: str, *, is_muted: bool = False) -> list[Part]:
    return [(f"{name:<{WIDTH}} ", "$text-muted"), (f"{value}\n", "$text-muted" if is_muted else "")]


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {inner}" for name, inner in value.items())
    return str(value)


def _level(open_level: str) -> str:
    return f"says that it is open by a {open_level} level" if open_level else "says nothing"
