"""Commands as data: one truth for key, key bar, help, palette and permission."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from textual.binding import Binding

from pos_app.errors import ConfigInvalid

NAMES = {
    "escape": "Esc", "enter": "Enter", "delete": "Del", "insert": "Ins", "home": "Home",
    "end": "End", "pageup": "PgUp", "pagedown": "PgDn", "up": "↑", "down": "↓", "space": "Space",
    "plus": "+", "minus": "-", "asterisk": "*", "slash": "/", "exclamation_mark": "!",
    "tab": "Tab", "backspace": "Backsp",
}  # fmt: skip
"""How keys are written for people."""

_USABLE = re.compile(r"f([1-9]|1[0-2])|ctrl\+[a-z]", re.ASCII)
_TAKEN = frozenset({"ctrl+c", "ctrl+z", "ctrl+i", "ctrl+j", "ctrl+m", "ctrl+h"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One thing a person can do at one place.

    Attributes:
        id: ``place.deed``; its deed is the action method of the screen, and the name to remap it.
        keys: names of keys as the terminal library knows them, separated by commas.
        label: one to three words.
        weight: how much it belongs on the key bar; the lightest give way first, 0 is never there.
        help: one sentence that says what it does.
        permission: what the signed-in person needs; empty for everybody.
        when: name of a property of the screen that says whether it makes sense now.
    """

    id: str
    keys: str
    label: str
    help: str
    weight: int = 5
    permission: str = ""
    when: str = ""

    @property
    def place(self) -> str:
        """The place it belongs to; ``till`` is everywhere."""
        return self.id.partition(".")[0]

    @property
    def deed(self) -> str:
        """The name of its action."""
        return self.id.partition(".")[2]

    def keys_in(self, keymap: Mapping[str, str]) -> tuple[str, ...]:
        """The keys it has under a key map."""
        return tuple(key.strip() for key in keymap.get(self.id, self.keys).split(","))


def spoken(key: str) -> str:
    """Return a key as it is printed on the key: ``F9``, ``Ctrl+X``, ``Esc``."""
    if key.startswith("ctrl+"):
        return f"Ctrl+{key[5:].upper()}"
    return NAMES.get(key, key.upper() if len(key) <= 3 else key)


def bindings(commands: Iterable[Command], *, app: bool = False) -> list[Binding]:
    """Return the bindings of a place; function and control keys work whatever has the focus."""
    return [
        Binding(
            command.keys,
            f"app.{command.deed}" if app else command.deed,
            command.label,
            show=bool(command.weight),
            priority=bool(_USABLE.fullmatch(command.keys.partition(",")[0])),
            tooltip=command.help,
            id=command.id,
        )
        for command in commands
    ]


def checked(
    keys: Mapping[str, str], places: Mapping[str, tuple[Command, ...]], *, everywhere: str
) -> dict[str, str]:
    """Return the key map if every key of every place still means one thing.

    Args:
        keys: command id to key or keys, as configured.
        places: the commands of every place.
        everywhere: the place whose commands are valid at all others too.

    Raises:
        ConfigInvalid: an unknown command, a key no terminal sends reliably, or one used twice.
    """
    known = {command.id: command for commands in places.values() for command in commands}
    keymap = {name: text.strip().lower() for name, text in keys.items()}
    for name, text in keymap.items():
        if name not in known:
            raise _invalid(name, f"is not a command; there are {', '.join(sorted(known))}")
        for key in text.split(","):
            _check_usable(name, key.strip())
    for place in places:
        taken: dict[str, str] = {}
        for command in (*places[everywhere], *(places[place] if place != everywhere else ())):
            for key in command.keys_in(keymap):
                if key in taken:
                    raise _invalid(command.id, f"and {taken[key]} would both be on {spoken(key)}")
                taken[key] = command.id
    return keymap


def _check_usable(name: str, key: str) -> None:
    if key in _TAKEN:
        raise _invalid(name, f"cannot be on {spoken(key)}, which terminals use themselves")
    if not (_USABLE.fullmatch(key) or key in NAMES):
        raise _invalid(
            name,
            f"cannot be on {key[:20]!r}: use f1 to f12, ctrl+ and a letter, or one of "
            f"{', '.join(sorted(NAMES))}",
        )


def _invalid(name: str, problem: str) -> ConfigInvalid:
    return ConfigInvalid("the settings", f"keys.map.{name}", problem)
