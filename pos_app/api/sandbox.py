"""The demo's clock; this route exists nowhere else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from fastapi import APIRouter
from pydantic import Field

from pos_app.api.context import TheShop
from pos_app.api.errors import Field as WrongField
from pos_app.api.errors import FieldsInvalid
from pos_app.api.settings import MovableClock
from pos_app.api.wire import Json, Question, WireRoute

FURTHEST_SECONDS = 100 * 366 * 86_400
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


class ClockSetting(Question):
    """Either a moment, or by how much to move on."""

    now: datetime | None = None
    advance_seconds: Decimal | None = Field(
        default=None, alias="advance_seconds", ge=-FURTHEST_SECONDS, le=FURTHEST_SECONDS
    )


def router(clock: MovableClock) -> APIRouter:
    """The route that sets this clock."""
    made = APIRouter(prefix="/_sandbox", tags=["Sandbox"], route_class=WireRoute)

    @made.post("/clock", summary="Set the demo's clock, or move it on.")
    def set_clock(setting: ClockSetting, shop: TheShop) -> Json:
        now = _wanted(setting, shop.clock.now())
        clock.set(now)
        return Json({"now": shop.clock.now().isoformat()})

    return made


def _wanted(setting: ClockSetting, current: datetime) -> datetime:
    if setting.now is not None:
        wanted = setting.now if setting.now.tzinfo else setting.now.replace(tzinfo=UTC)
    elif setting.advance_seconds is not None:
        wanted = current + timedelta(microseconds=int(setting.advance_seconds * 1_000_000))
    else:
        raise FieldsInvalid([WrongField("now", "Send now or advance_seconds.")])
    if not EARLIEST <= wanted <= LATEST:
        raise FieldsInvalid([WrongField("now", "Choose a moment from 2000 to 2100.")])
    return wanted
