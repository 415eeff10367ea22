"""``/api/Health``, and the probes below ``/health`` for whoever watches over processes."""

from __future__ import annotations

import os
from datetime import datetime

from fastapi import APIRouter

from pos_app.api.context import TheShop
from pos_app.api.wire import Answer, Json, WireRoute
from pos_app.services import health
from pos_app.services.health import HEALTHY, UNHEALTHY, Health

router = APIRouter(prefix="/Health", tags=["Health"], route_class=WireRoute)
probes = APIRouter(prefix="/health", tags=["Health"], route_class=WireRoute)

SERVICE = "ShopInventory API"


class HealthDto(Answer):
    """Whether the server works; a dependency that is not well does not make it unhealthy."""

    status: str
    timestamp: datetime
    service: str
    instance: str
    liveness: str
    readiness: str
    dependencies: dict[str, str]


class ProbeDto(Answer):
    """One word."""

    status: str
    timestamp: datetime


class DependenciesDto(ProbeDto):
    """What the server needs and how it is: Healthy, Degraded, Unhealthy or Unknown."""

    dependencies: dict[str, str]


@router.get(
    "",
    summary="Whether the server works",
    response_model=HealthDto,
    responses={503: {"model": HealthDto, "description": "Something it needs does not answer"}},
)
def read_health(shop: TheShop) -> Json:
    """Nobody needs to sign in for this."""
    found = health.check(shop)
    told = HealthDto(
        status=_word(found),
        timestamp=found.at,
        service=SERVICE,
        instance=str(os.getpid()),
        liveness=HEALTHY,
        readiness=_word(found),
        dependencies=dict(found.dependencies),
    )
    return Json(told, status_code=_status(found))


@probes.get("/live", summary="Whether this process answers", response_model=ProbeDto)
def read_live(shop: TheShop) -> Json:
    """It asks nothing else: restart a process that does not answer this."""
    return Json(ProbeDto(status=HEALTHY, timestamp=shop.clock.now()))


@probes.get(
    "/ready",
    summary="Whether this process can serve",
    response_model=ProbeDto,
    responses={503: {"model": ProbeDto, "description": "Its database does not answer"}},
)
@probes.get(
    "/deploy-ready",
    summary="Whether this process can serve, and its schema is the one of this program",
    response_model=ProbeDto,
    responses={503: {"model": ProbeDto, "description": "Not with this database"}},
)
def read_ready(shop: TheShop) -> Json:
    """Send requests to processes that answer 200; the schema is looked at, too."""
    found = health.check(shop)
    return Json(ProbeDto(status=_word(found), timestamp=found.at), status_code=_status(found))


@probes.get(
    "/dependencies",
    summary="How everything behind the server is",
    response_model=DependenciesDto,
    responses={503: {"model": DependenciesDto, "description": "Its database does not answer"}},
)
def read_dependencies(shop: TheShop) -> Json:
    """Words alone: names, addresses and reasons are for those who sign in."""
    found = health.check(shop)
    told = DependenciesDto(
        status=_word(found), timestamp=found.at, dependencies=dict(found.dependencies)
    )
    return Json(told, status_code=_status(found))


def _word(found: Health) -> str:
    return HEALTHY if found.is_ready else UNHEALTHY


def _status(found: Health) -> int:
    return 200 if found.is_ready else 503
