"""Hashing that costs next to nothing, for tests that are about something else."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher, Type

from pos_app.services import credential
from tests import shops

_HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1, type=Type.ID)
_PASSWORD = _HASHER.hash(shops.PASSWORD)
_NOBODY = _HASHER.hash("nobody has this password")


@pytest.fixture
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same algorithm at the least cost there is; asked for before a shop is filled."""
    monkeypatch.setattr(credential, "_HASHER", _HASHER)
    monkeypatch.setattr(credential, "_nobody", lambda: _NOBODY)
    monkeypatch.setitem(shops._DIGESTS, shops.PASSWORD, _PASSWORD)
