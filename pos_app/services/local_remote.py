"""A server in the same process, as its till sees it: what the simulation synchronises with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, TypeVar

from pos_app.domain.permission import till_actor
from pos_app.errors import Conflict, NotAllowed, OutcomeUnknown, PosError, Unavailable
from pos_app.services import feed, intake, original_share
from pos_app.services.proof import day as proofs
from pos_app.services.shop import Shop
from sync import errors
from sync.envelope import Parcel, Reply, parcel_from_wire, parcel_to_wire, reply_from_wire
from sync.envelope import reply_to_wire as reply_wire
from sync.page import Page, Position, page_from_wire, page_to_wire
from sync.remote import Indigestible
from sync.sap.client import ServiceLayer

_Answer = TypeVar("_Answer")


class LocalRemote:
    """Calls the server's use cases; everything still passes through its form on the wire."""

    def __init__(
        self,
        server: Shop,
        *,
        principal: str,
        till: str = "",
        books: ServiceLayer | None = None,
    ) -> None:
        """Stand before a server.

        Args:
            server: the server's shop.
            principal: name of the till's key.
            till: whose key it is, where that is asked for.
            books: the server's way to SAP.
        """
        self._server = server
        self._principal = principal
        self._till = till
        self._books = books

    def send(self, parcel: Parcel) -> Reply:
        """Hand over a parcel; see `sync.remote.Remote`."""
        came = parcel_from_wire(parcel_to_wire(parcel))
        actor = till_actor(came.till, self._principal)
        reply = _asked(lambda: intake.accept(self._server, actor, came, principal=self._principal))
        return reply_from_wire(reply_wire(reply), parcel)

    def fetch(self, at: Position, *, till: str, limit: int) -> Page:
        """Ask for changes; see `sync.remote.Remote`."""
        actor = till_actor(till, self._principal)
        page = _asked(lambda: feed.page(self._server, actor, at, till=till, limit=limit))
        return page_from_wire(page_to_wire(page), at)

    def receipt(self, number: str) -> Mapping[str, Any]:
        """A receipt of any till; see `sync.http.HttpRemote`."""
        actor = till_actor(number.partition("-")[0], self._principal)
        return _asked(lambda: original_share.tell(self._server, actor, number))

    def proof(self, day: date) -> Mapping[str, Any]:
        """The server's side of a day; see `sync.http.HttpRemote`."""
        actor = till_actor(self._till, self._principal)
        return _asked(lambda: proofs.share(self._server, actor, day, books=self._books))


def _asked(ask: Callable[[], _Answer]) -> _Answer:
    try:
        return ask()
    except NotAllowed as error:
        raise errors.Rejected(error.code, error.sentence, 403) from error
    except Conflict as error:
        raise errors.Rejected(error.code, error.sentence, 409) from error
    except OutcomeUnknown as error:
        raise errors.OutcomeUnknown(error.sentence) from error
    except Unavailable as error:
        raise errors.Unavailable(error.sentence) from error
    except PosError as error:
        raise Indigestible(error.code, error.sentence, 400) from error
