"""Garbage collection around a start: what a program loads stays, and to look for it costs time."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def left_lying() -> Iterator[None]:
    """Collect nothing inside the block: for commands that end by themselves, and for starts.

    A tenth to a fifth of such a time goes into looking through modules for what nobody needs.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def look_at_new_only() -> None:
    """Collect again, but never look at what is there now: all of it takes a tenth of a second."""
    gc.freeze()
    gc.enable()
