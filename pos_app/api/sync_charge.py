"""Mobile money for sales at tills, beside the routes tills synchronise through."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from fastapi.concurrency import run_in_threadpool

from pos_app.api import sync_schema, wire
from pos_app.api.context import Server
from pos_app.services.charge import till as charges
from pos_app.services.session import Account

WHAT = "The question"


def add(router: APIRouter, known: Any) -> None:
    """Add the routes.

    Args:
        router: of ``/sync``.
        known: the dependency that yields the account of a till's key, or refuses.
    """

    @router.post("/charges", response_model=sync_schema.Charge, openapi_extra=sync_schema.QUESTION)
    async def ask(request: Request, server: Server, account: Account = known) -> Response:
        """Ask a till's customer to pay, once; the same identity again tells how that stands."""
        asked = wire.read_object(await request.body(), WHAT)
        gateways = server.settings.gateways
        told = await run_in_threadpool(charges.ask, server.shop, gateways, account.actor, asked)
        return wire.compact(told)

    @router.get("/charges/{id}", response_model=sync_schema.Charge)
    def read(
        charge_id: Annotated[str, Path(alias="id", max_length=100)],
        server: Server,
        account: Account = known,
    ) -> Response:
        """Tell a till how its customer's payment stands; the provider is asked if need be."""
        gateways = server.settings.gateways
        return wire.compact(charges.tell(server.shop, gateways, account.actor, charge_id))

    @router.post(
        "/charges/leave", response_model=sync_schema.Charge, openapi_extra=sync_schema.QUESTION
    )
    async def leave(request: Request, server: Server, account: Account = known) -> Response:
        """Hear that no sale of the till waits for a payment: money that comes is a person's."""
        asked = wire.read_object(await request.body(), WHAT)
        gateways = server.settings.gateways
        told = await run_in_threadpool(charges.leave, server.shop, gateways, account.actor, asked)
        return wire.compact(told)
