"""A letter on its way, what became of it, and whoever carries it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

MayHand = Callable[[], bool]
"""Asked right before the point of no return; False: leave it, somebody else has taken over."""


class Fate(Enum):
    """What became of a letter.

    Attributes:
        SENT: the other side has taken it over.
        LATER: it has not been taken, and may be tried again.
        REFUSED: it has not been taken, and will not be.
        UNKNOWN: it was handed over, and the answer is lost (as a fiscal receipt's may be).
        LEFT: it was not handed over, since it is not ours any more.
    """

    SENT = "sent"
    LATER = "later"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    LEFT = "left"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A whole message and its envelope.

    Attributes:
        id: names it in files.
        message: all of it as bytes of RFC 5322, lines ending in CR LF.
    """

    id: str
    sender: str
    recipients: tuple[str, ...]
    message: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """The end of one attempt.

    Attributes:
        reason: one sentence for people; empty when all is well.
        refused: recipients the other side does not take, and its words.
        later: recipients to be tried again, although others have it.
        is_server_away: whether nothing else can be sent now either.
    """

    fate: Fate
    reason: str = ""
    refused: Mapping[str, str] = field(default_factory=dict)
    later: tuple[str, ...] = ()
    is_server_away: bool = False


class Carrier(Protocol):
    """Whoever carries letters."""

    def carry(self, letter: Letter, may_hand: MayHand) -> Delivery:
        """Try once; never raises for trouble of the other side."""
        ...
