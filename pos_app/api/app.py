"""The server put together: layers from the outside in, then the routes of each contract."""

from __future__ import annotations

from functools import partial
from time import perf_counter

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.telemetry import TelemetryConfig
from starlette.middleware import Middleware

from pos_app.api import docs, errors, metrics, sandbox, shopinventory
from pos_app.api.auth import Authentication, Needs, Tokens, standing_of
from pos_app.api.context import Context, Server
from pos_app.api.description import describe
from pos_app.api.headers import Address, Edge
from pos_app.api.idempotency import Idempotency
from pos_app.api.kept import KeptAnswers
from pos_app.api.limits import RateLimit
from pos_app.api.metrics import Metrics
from pos_app.api.settings import ApiSettings
from pos_app.api.size import SizeLimit
from pos_app.api.sync import sync_router
from pos_app.domain.permission import TILL, Role
from pos_app.errors import PosError
from pos_app.services import two_factor, vitals
from pos_app.services.rate_limit.limiter import Limiter
from pos_app.services.seal import Seal
from pos_app.services.shop import Shop
from pos_app.services.vitals import Vitals

log = structlog.get_logger(__name__)

TITLE = "ShopInventory API"
DESCRIPTION = (
    "Sign in with POST /api/Auth/login and send the token as 'Authorization: Bearer', or send an "
    "API key as 'X-API-Key'. Amounts are JSON numbers, moments are UTC, dates are yyyy-MM-dd."
)

NO_TELEMETRY: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}


def create_app(shop: Shop, settings: ApiSettings) -> FastAPI:
    """Make the server of one shop; it holds nothing that another process could not hold too."""
    context = Context(
        shop=shop,
        settings=settings,
        tokens=Tokens(settings.jwt_secret, clock=shop.clock, ids=shop.ids),
        seal=Seal(settings.seal_secret or settings.jwt_secret, two_factor.PURPOSE),
        limiter=Limiter(shop, settings.limits),
        metrics=Metrics(),
    )
    app = FastAPI(
        title=TITLE,
        version="1.0",
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        middleware=_layers(context),
        telemetry=NO_TELEMETRY,
    )
    app.state.context = context
    app.openapi = partial(describe, app)  # type: ignore[method-assign]
    errors.install(app)
    _own_routes(app)
    shopinventory.mount(app)
    app.include_router(sync_router(shop, Needs(roles=(TILL,)), books=settings.sap))
    if settings.demo_clock is not None:
        app.include_router(sandbox.router(settings.demo_clock))
    return app


def _layers(context: Context) -> list[Middleware]:
    """From the outside in: every answer is dressed, measured, versioned, counted, given once."""
    shop, keeps = context.shop, context.settings.keeps_answers
    layers = [
        Middleware(Edge, clock=shop.clock, ids=shop.ids, watch=context.metrics.watch),
        Middleware(SizeLimit),
        Middleware(Address),
        Middleware(Authentication, shop=shop, tokens=context.tokens, keeps=keeps),
        Middleware(RateLimit, limiter=context.limiter, clock=shop.clock),
        Middleware(Idempotency, shop=shop),
    ]
    return [*layers, Middleware(KeptAnswers, clock=shop.clock)] if keeps else layers


def _own_routes(app: FastAPI) -> None:
    @app.get("/docs", include_in_schema=False)
    def documentation() -> Response:
        """The description for people."""
        return docs.page(app)

    @app.get("/metrics", include_in_schema=False)
    def counters(request: Request, server: Server) -> Response:
        """Counters for Prometheus: to this machine, or to an Admin."""
        if not standing_of(request).is_local:
            Needs(roles=(Role.ADMIN,)).admit(request)
        text = _measured(server)
        return Response(text, media_type=metrics.CONTENT_TYPE)


def _measured(server: Context) -> bytes:
    """Counters, and the server as it is now; a database that is gone is a figure, too."""
    shop, began = server.shop, perf_counter()
    seen: Vitals | None = None
    states: dict[str, int] = {}
    try:
        seen, states = vitals.read(shop), vitals.states(shop)
    except PosError:
        log.warning("metrics without the database")
    return server.metrics.text(
        seen,
        states=states,
        seconds=perf_counter() - began,
        connections=server.settings.hub.count,
    )
