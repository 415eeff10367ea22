"""Every story, each told to a server of its own."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping, Sequence
from functools import cache
from types import ModuleType

from pos_app.api.examples import shape
from pos_app.store.engine import Store
from tests.api.house import House, build
from tests.conformance import stories
from tests.conformance.step import Act, Step

REFUSED: Mapping[str, str] = {
    "POST /api/Backup/reset-database": "no route wipes the books",
}
"""Routes of the contract that are answered with a refusal on purpose."""


def names() -> tuple[str, ...]:
    """The stories, by the name of their module."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(stories.__path__)))


def steps(name: str) -> Sequence[Step | Act]:
    """A story's steps, in their order."""
    told: Sequence[Step | Act] = _module(name).STEPS
    return told


def server(name: str, store: Store) -> House:
    """The server a story is told to: the module's own `server`, where it needs another one."""
    made: House = getattr(_module(name), "server", build)(store)
    return made


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"{stories.__name__}.{name}")


@cache
def routes(name: str) -> tuple[str, ...]:
    """The routes a story asks."""
    return tuple(step.route for step in steps(name) if isinstance(step, Step))


def shown(name: str) -> frozenset[str]:
    """The routes whose example is taken from a story: those no story before it asks."""
    before = {shape(route) for other in names() if other < name for route in routes(other)}
    return frozenset(route for route in routes(name) if shape(route) not in before)
