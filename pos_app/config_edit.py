"""Changing the settings file without touching what people wrote around the settings."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Table

from pos_app.config import load
from pos_app.config_file import ENV_PREFIX, overriding
from pos_app.errors import ConfigInvalid, DiskFull


def change(path: Path, tables: Mapping[str, Mapping[str, Any]]) -> None:
    """Set some settings; comments, order and everything else stay, and the file is whole or old.

    Args:
        path: the settings file.
        tables: table to key to value; a value of None takes the key out.

    Raises:
        ConfigInvalid: the environment overrides one of these tables, the file is no TOML, or the
            settings would not be valid; the file is as it was.
        DiskFull: it cannot be written; the file is as it was.
    """
    overridden = sorted(set(tables) & overriding(os.environ))
    if overridden:
        problem = f"is set by the environment ({ENV_PREFIX}{overridden[0].upper()}…) over this file"
        raise ConfigInvalid(str(path), overridden[0], problem)
    text = _changed(path, tables)
    fresh = path.with_name(f".{path.name}.new")
    try:
        _write(fresh, text, like=path)
        _check(fresh, path)
        fresh.replace(path)
    except OSError as error:
        raise DiskFull(str(path)) from error
    finally:
        fresh.unlink(missing_ok=True)


def _changed(path: Path, tables: Mapping[str, Mapping[str, Any]]) -> str:
    try:
        document = tomlkit.parse(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, TOMLKitError) as error:
        raise ConfigInvalid(str(path), "", f"cannot be read as TOML ({error})") from error
    for name, values in tables.items():
        if name not in document:
            document[name] = tomlkit.table()
        table = document[name]
        if not isinstance(table, Table):
            raise ConfigInvalid(str(path), name, "is no table")
        for key, value in values.items():
            _set(table, key, value)
    return tomlkit.dumps(document)


def _set(table: Table, key: str, value: Any) -> None:
    if value is None:
        table.pop(key, None)
    elif key not in table or table[key] != value:
        table[key] = _inline(value)


def _inline(value: Any) -> Any:
    """A mapping stands on the line of its key, as the example has it."""
    if not isinstance(value, Mapping):
        return value
    made = tomlkit.inline_table()
    for name, inner in value.items():
        made[str(name)] = _inline(inner)
    return made


def _write(fresh: Path, text: str, *, like: Path) -> None:
    with fresh.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    shutil.copymode(like, fresh)


def _check(fresh: Path, path: Path) -> None:
    try:
        load(fresh)
    except ConfigInvalid as error:
        details = error.details
        raise ConfigInvalid(str(path), str(details["key"]), str(details["problem"])) from error
