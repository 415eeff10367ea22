"""``/api/Health``."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter

from pos_app.api.context import TheShop
from pos_app.api.wire import Answer, Json, WireRoute
from pos_app.services import health

router = APIRouter(prefix="/Health", tags=["Health"], route_class=WireRoute)

SERVICE = "ShopInventory API"


class HealthDto(Answer):
    """Whether the server works."""

    status: str
    timestamp: datetime
    service: str
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
        status="Healthy" if found.is_ready else "Unhealthy",
        timestamp=found.at,
        service=SERVICE,
        dependencies=found.dependencies,
    )
    return Json(told, status_code=200 if found.is_ready else 503)
