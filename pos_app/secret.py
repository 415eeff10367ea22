"""Secrets by reference: the service manager's credentials, the keyring, or a private file."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

from pos_app.config import SECRET_PREFIX
from pos_app.errors import ConfigInvalid

KEYRING_SERVICE = "pos"


class Secrets:
    """Resolves ``secret://name``: credentials directory, file of mode 0600, keyring, in this order.

    The keyring is asked last and only through its own platform backend, since a headless till has
    none and fallback backends either prompt on the terminal or store plain text.
    """

    def __init__(self, folder: Path, keyring: Callable[[str, str], str | None] | None = None):
        self._folder = folder
        self._keyring = keyring

    def resolve(self, value: str) -> str:
        """The secret a reference names; other text is refused where a secret is expected.

        Raises:
            ConfigInvalid: the text is no reference, or nothing is stored under its name.
        """
        if not value.startswith(SECRET_PREFIX):
            raise ConfigInvalid("the config", "a secret", "must be a name such as secret://name")
        name = value.removeprefix(SECRET_PREFIX)
        if name in {"", ".", ".."} or Path(name).name != name:
            raise ConfigInvalid("the config", "a secret", "must be named by one plain word")
        found = self._from_credentials(name) or self._from_file(name) or self._from_keyring(name)
        if found is None:
            raise ConfigInvalid(str(self._folder / name), name, "is not stored anywhere")
        return found

    def _from_credentials(self, name: str) -> str | None:
        folder = os.environ.get("CREDENTIALS_DIRECTORY")
        path = Path(folder) / name if folder else None
        return path.read_text(encoding="utf-8").strip() if path and path.is_file() else None

    def _from_file(self, name: str) -> str | None:
        path = self._folder / name
        if not path.is_file():
            return None
        if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise ConfigInvalid(str(path), name, "can be read by others (run chmod 600 on it)")
        return path.read_text(encoding="utf-8").strip()

    def _from_keyring(self, name: str) -> str | None:
        return self._keyring(KEYRING_SERVICE, name) if self._keyring else None


def store_file(folder: Path, name: str, value: str) -> str:
    """Write a secret as a private file and return its reference."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        if os.name == "posix":
            os.fchmod(descriptor, 0o600)  # a file that was there keeps its mode otherwise
        file.write(value)
    return SECRET_PREFIX + name
