"""Identities: UUIDv7 text from a real or a seeded source."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime
from typing import Protocol
from uuid import UUID

import uuid_utils


class Ids(Protocol):
    """Where new identities come from."""

    def new(self) -> str:
        """A fresh UUIDv7 as lower-case text of 36 characters."""
        ...


class SystemIds:
    """Time-ordered identities from the operating system's randomness."""

    def new(self) -> str:
        """A fresh UUIDv7."""
        return str(uuid_utils.uuid7())


class SeededIds:
    """Identities that repeat with the seed and follow the given clock."""

    def __init__(self, rng: random.Random, now: Callable[[], datetime]) -> None:
        self._rng = rng
        self._now = now
        self._last = 0

    def new(self) -> str:
        """A fresh UUIDv7, later than every one before."""
        milliseconds = max(int(self._now().timestamp() * 1000), self._last)
        self._last = milliseconds
        value = (milliseconds & (2**48 - 1)) << 80 | self._rng.getrandbits(80)
        value = value & ~(0xF << 76) | 0x7 << 76
        value = value & ~(0x3 << 62) | 0x2 << 62
        return str(UUID(int=value))
