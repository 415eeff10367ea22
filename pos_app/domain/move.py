"""Legal moves of a state machine, as data."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from typing import TypeVar

from pos_app.errors import Conflict

State = TypeVar("State", bound=StrEnum)


class MoveRefused(Conflict):
    """A record cannot go from the state it is in to the one asked for."""

    code = "move_refused"

    def __init__(self, kind: str, old: str, new: str) -> None:
        super().__init__(
            f"This {kind} is {old} and cannot become {new}: open it again to see what is possible.",
            kind=kind,
            old=old,
            new=new,
        )


def check_move(
    moves: Collection[tuple[State, State]], old: State, *, new: State, kind: str
) -> State:
    """Return ``new`` if the pair stands in ``moves``.

    Raises:
        MoveRefused: the pair does not.
    """
    if (old, new) not in moves:
        raise MoveRefused(kind, old.value, new.value)
    return new
