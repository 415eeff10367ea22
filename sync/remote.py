"""The server as a till sees it: one port for the network, one process, and virtual time alike."""

from __future__ import annotations

from typing import Protocol

from sync.envelope import Parcel, Reply
from sync.errors import Rejected
from sync.page import Page, Position

NOT_THERE = "record_not_found"
"""The code of what the server does not have."""


class Indigestible(Rejected):
    """The server was there and could not take this parcel as a whole: some envelope upsets it."""


class Remote(Protocol):
    """Where envelopes go and changes come from."""

    def send(self, parcel: Parcel) -> Reply:
        """Hand over a parcel.

        Raises:
            Unavailable: nothing was processed.
            OutcomeUnknown: it may have been; sending it again is safe and tells.
            Indigestible: this parcel upsets the server; a smaller one may not.
            Rejected: the server will not deal with this till.
        """
        ...

    def fetch(self, at: Position, *, till: str, limit: int) -> Page:
        """Ask for the changes after a position, from the start if the epoch is another.

        Args:
            at: how far the copy has come.
            till: whose copy it is; what concerns other tills alone is left out.
            limit: how many changes at most.

        Raises:
            Unavailable, OutcomeUnknown: there is no page; which is not an empty page.
            Rejected: the server will not deal with this till.
        """
        ...
