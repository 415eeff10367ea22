"""The routes tills synchronise through: envelopes come in, the feed goes out."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from pos_app.api import sync_charge, sync_schema, wire
from pos_app.errors import MalformedInput
from pos_app.services import feed, intake, original_share
from pos_app.services.posting import panel
from pos_app.services.proof import day as proofs
from pos_app.services.session import Account
from pos_app.services.shop import Shop
from sync.envelope import Malformed, parcel_from_wire, reply_to_wire
from sync.page import Position, page_to_wire
from sync.sap.client import ServiceLayer


def sync_router(
    shop: Shop,
    authenticate: Callable[..., Awaitable[Account]],
    *,
    books: ServiceLayer | None = None,
) -> APIRouter:
    """Make the routes under ``/sync``.

    Args:
        shop: the server.
        authenticate: a dependency that yields the account of the till's API key, or refuses.
        books: the way to SAP; None where the shop has none.
    """
    router = APIRouter(prefix="/sync", tags=["Sync"])
    # As a default, since annotations are text here and would not find the argument.
    known = Depends(authenticate)

    @router.post("/envelopes", response_model=sync_schema.Reply, openapi_extra=sync_schema.PARCEL)
    async def take(request: Request, account: Account = known) -> Response:
        """Take envelopes of a till; one result each, the same again when they come again."""
        try:
            parcel = parcel_from_wire(wire.read(await request.body()))
        except (Malformed, json.JSONDecodeError) as error:
            raise MalformedInput("The parcel", f"cannot be read ({error})") from error
        # Bound to whoever holds a key of the till, so that a key can be replaced by the next one.
        principal = f"till:{account.actor.till}"
        reply = await run_in_threadpool(
            intake.accept, shop, account.actor, parcel, principal=principal
        )
        return wire.compact(reply_to_wire(reply))

    @router.get("/feed", response_model=sync_schema.Rows)
    def give(
        account: Account = known,
        till: Annotated[str, Query(max_length=20)] = "",
        epoch: Annotated[str, Query(max_length=200)] = "",
        after: Annotated[int, Query(ge=0, lt=2**63)] = 0,
        limit: Annotated[int, Query(ge=1, le=feed.MOST)] = 1000,
    ) -> Response:
        """Give what changed after a number, from the start in another epoch."""
        at = Position(epoch, after)
        page = feed.page(shop, account.actor, at, till=till, limit=limit)
        return wire.compact(page_to_wire(page))

    @router.get("/receipts/{number}", response_model=sync_schema.Told)
    def receipt(number: str, account: Account = known) -> Response:
        """Give a receipt of any till, for a note that another till makes of it."""
        return wire.compact(original_share.tell(shop, account.actor, number))

    @router.get("/proof/{day}", response_model=sync_schema.Proof)
    def proof(day: date, account: Account = known) -> Response:
        """Give the server's side of a till's day, and SAP's."""
        return wire.compact(proofs.share(shop, account.actor, day, books=books))

    _queue_routes(router, shop, known, books)
    sync_charge.add(router, known)
    return router


def _queue_routes(router: APIRouter, shop: Shop, known: Any, books: ServiceLayer | None) -> None:
    """The queue to SAP, for managers at tills."""

    @router.get("/queue", response_model=sync_schema.Queue)
    def queue(
        account: Account = known,
        user: Annotated[str, Query(max_length=100)] = "",
        choice: Annotated[str, Query(max_length=20)] = "",
    ) -> Response:
        """Tell a manager at a till what is on its way to SAP."""
        return wire.compact(panel.tell(shop, account.actor, username=user, choice=choice))

    @router.post("/queue", response_model=sync_schema.Done, openapi_extra=sync_schema.DEED)
    async def act(request: Request, account: Account = known) -> Response:
        """Do what a manager at a till decides about the queue."""
        asked = wire.read_object(await request.body(), "The deed")
        done = await run_in_threadpool(panel.act, shop, account.actor, asked, sap=books)
        return wire.compact(done)
