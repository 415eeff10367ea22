"""A server in the same process, as its till sees it: what the simulation synchronises with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, TypeVar

from pos_app.domain.permission import till_actor
from pos_app.errors import (
    Conflict,
    NotAllowed,
    OutcomeUnknown,
    PosError,
    RecordNotFound,
    Unavailable,
)
from pos_app.services import feed, intake, original_share
from pos_app.services.charge import till as charges
from pos_app.services.charge.gateways import Gateways
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
        gateways: Gateways | None = None,
    ) -> None:
        """Stand before a server.

        Args:
            server: the server's shop.
            principal: name of the till's key.
            till: whose key it is, where that is asked for.
            books: the server's way to SAP.
            gateways: the server's providers of mobile money.
        """
        self._server = server
        self._principal = principal
        self._till = till
        self._books = books
        self._gateways = gateways or Gateways()

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

    def charge_ask(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        """Have a customer's wallet asked; see `sync.http.HttpRemote`."""
        actor, gateways = till_actor(self._till, self._principal), self._gateways
        return _asked(lambda: charges.ask(self._server, gateways, actor, asked))

    def charge(self, charge_id: str) -> Mapping[str, Any]:
        """How a payment of this till stands; see `sync.http.HttpRemote`."""
        actor, gateways = till_actor(self._till, self._principal), self._gateways
        return _asked(lambda: charges.tell(self._server, gateways, actor, charge_id))

    def charge_leave(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        """No sale of this till waits for a payment; see `sync.http.HttpRemote`."""
        actor, gateways = till_actor(self._till, self._principal), self._gateways
        return _asked(lambda: charges.leave(self._server, gateways, actor, asked))

    def proof(self, day: date) -> Mapping[str, Any]:
        """The server's side of a day; see `sync.http.HttpRemote`."""
        actor = till_actor(self._till, self._principal)
        return _asked(lambda: proofs.share(self._server, actor, day, books=self._books))


def _asked(ask: Callable[[], _Answer]) -> _Answer:
    try:
        return ask()
    except NotAllowed as error:
        raise errors.Rejected(error.code, error.sentence, 403) from error
    except RecordNotFound as error:
        raise errors.Rejected(error.code, error.sentence, 404) from error
    except Conflict as error:
        raise errors.Rejected(error.code, error.sentence, 409) from error
    except OutcomeUnknown as error:
        raise errors.OutcomeUnknown(error.sentence) from error
    except Unavailable as error:
        raise errors.Unavailable(error.sentence) from error
    except PosError as error:
        raise Indigestible(error.code, error.sentence, 400) from error
