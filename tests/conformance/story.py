"""Every story, each told to a server of its own."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping, Sequence

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
    told: Sequence[Step | Act] = importlib.import_module(f"{stories.__name__}.{name}").STEPS
    return told


def routes(name: str) -> tuple[str, ...]:
    """The routes a story asks."""
    return tuple(step.route for step in steps(name) if isinstance(step, Step))
