"""The settings file before it was checked: its tables, and what a screen shows of them at once.

Checking every setting costs more than opening a screen does. A till therefore paints its door from
a glance at the file, and checks the whole of it behind that door; nothing is opened, sold or sent
before `pos_app.config.load` agreed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pos_app.errors import ConfigInvalid

ENV_PREFIX = "POS_"
"""Environment variables that begin so override the file."""

GLANCED = frozenset({"role", "shop", "till", "keys"})
"""The tables a glance reads from."""

SCAN_GAP_MS = 40
"""The longest pause inside a scan where no setting says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """What the screen of a till has to know before it can paint.

    Attributes:
        place: the branch, or the warehouse of a shop without branches.
        keys: command id to key, where it differs from the default.
        scan_prefix: a key the scanner sends first, such as ``ctrl+b``; empty to judge by speed.
        scan_gap_ms: longest pause inside a scan, in milliseconds.
    """

    shop: str
    till: str
    place: str
    keys: Mapping[str, str] = field(default_factory=dict)
    scan_prefix: str = ""
    scan_gap_ms: int = SCAN_GAP_MS


def read(path: Path) -> dict[str, Any]:
    """Every table of the file, unchecked.

    Raises:
        ConfigInvalid: it is missing or no TOML; the sentence names the file.
    """
    name = str(path)
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigInvalid(name, "", "does not exist") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise ConfigInvalid(name, "", f"cannot be read as TOML ({error})") from error


def glance(path: Path, environment: Mapping[str, str]) -> Glance | None:
    """What the file tells a till's screen, or None where only a full check can say it.

    That is where the environment overrides one of these tables, the file is not a till's, or a
    setting is missing or of another kind than it should be.

    Raises:
        ConfigInvalid: the file is missing or no TOML.
    """
    data = read(path)
    if data.get("role", "till") != "till" or GLANCED & overriding(environment):
        return None
    shop, till, keys = (_table(data, name) for name in ("shop", "till", "keys"))
    keymap, gap = _table(keys, "map"), keys.get("scan_gap_ms", SCAN_GAP_MS)
    name, code, prefix = shop.get("name"), till.get("code"), keys.get("scan_prefix", "")
    place = shop.get("branch") or till.get("warehouse")
    texts = (name, code, prefix, place, *keymap.values())
    if type(gap) is not int or not all(isinstance(text, str) for text in texts):
        return None
    return Glance(
        shop=str(name),
        till=str(code),
        place=str(place),
        keys=keymap,
        scan_prefix=prefix,
        scan_gap_ms=gap,
    )


def _table(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = data.get(name, {})
    return found if isinstance(found, Mapping) else {}


def overriding(environment: Mapping[str, str]) -> set[str]:
    """The tables that environment variables speak of, such as ``till`` for ``POS_TILL__CODE``."""
    names = (name.upper() for name in environment)
    told = (name.removeprefix(ENV_PREFIX) for name in names if name.startswith(ENV_PREFIX))
    return {name.partition("__")[0].lower() for name in told}
