"""``/api/UserActivity``: the audit trail, read by whoever may."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Response

from pos_app.api.auth import ApiAccess, Needs
from pos_app.api.context import TheShop
from pos_app.api.description import refusals
from pos_app.api.errors import Field, FieldsInvalid
from pos_app.api.shopinventory import codec_activity as codec
from pos_app.api.shopinventory import table
from pos_app.api.shopinventory.page import Number, Period, Window, windows
from pos_app.api.shopinventory.schemas.fields import Day
from pos_app.api.shopinventory.schemas.user_activity import (
    ActivityDashboard,
    ActivityItem,
    ActivityPage,
    ActivitySummary,
    FilterOptions,
)
from pos_app.api.wire import Json, WireRoute
from pos_app.domain.permission import Permission
from pos_app.services import activity
from pos_app.services.activity import Asked
from pos_app.services.session import Account

SEES = [Depends(Needs(Permission.AUDIT_VIEW))]
MayExport = Annotated[Account, Depends(Needs(Permission.AUDIT_EXPORT))]
Recent = Annotated[int, Query(alias="recentCount", description="1 to 100.")]
Word = Annotated[str, Path(max_length=100)]
COLUMNS = ("timestamp", "username", "userRole", "action", "entityType", "entityId", "isSuccess",
           "ipAddress", "details")  # fmt: skip
CSV_RESPONSE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The events as a CSV file; what looks like a formula is led by an '.",
        "content": {table.CSV: {"schema": {"type": "string"}}},
    }
}

NOBODY = refusals({404: "There is no user of this number."})

router = APIRouter(prefix="/UserActivity", tags=["UserActivity"], route_class=WireRoute)


def _days(
    since: Annotated[Day | None, Query(alias="startDate")] = None,
    until: Annotated[Day | None, Query(alias="endDate")] = None,
    since_too: Annotated[Day | None, Query(alias="fromDate")] = None,
    until_too: Annotated[Day | None, Query(alias="toDate")] = None,
) -> Period:
    """Days by either pair of names (contract A15)."""
    first, last = since or since_too, until or until_too
    if first is not None and last is not None and first > last:
        raise FieldsInvalid([Field("startDate", "startDate lies after endDate.")])
    return Period(first, last)


Days = Annotated[Period, Depends(_days)]


def _asked(
    days: Days,
    *,
    user: Annotated[int | None, Query(alias="userId", ge=1, le=2**63 - 1)] = None,
    username: Annotated[str, Query(max_length=100)] = "",
    action: Annotated[str, Query(max_length=100)] = "",
    kind: Annotated[str, Query(alias="entityType", max_length=100)] = "",
    subject: Annotated[str, Query(alias="entityId", max_length=100)] = "",
) -> Asked:
    return Asked(
        user=user,
        username=username,
        action=action,
        kind=kind,
        subject=subject,
        since=days.since,
        until=days.until,
    )


AskedOf = Annotated[Asked, Depends(_asked)]


@router.get(
    "",
    summary="The trail, newest first",
    response_model=ActivityPage,
    dependencies=SEES,
    responses=NOBODY,
)
def read_activities(
    shop: TheShop, asked: AskedOf, window: Annotated[Window, Depends(windows(usual=50))]
) -> Json:
    """By user, action, thing and days; `entityType` is the part of an action before its dot."""
    found = activity.page(shop, asked, offset=window.offset, limit=window.size)
    rows = [codec.item(event) for event in found.events]
    return Json(ActivityPage(**window.envelope(found.total, len(rows)), items=rows))


@router.get(
    "/filter-options",
    summary="What a search can be narrowed to",
    response_model=FilterOptions,
    dependencies=SEES,
)
def read_options(shop: TheShop, days: Days) -> Json:
    """Of the last thirty days, where none are given."""
    names, actions = activity.options(shop, since=days.since, until=days.until)
    return Json(FilterOptions(users=names, actions=actions))


@router.get(
    "/dashboard",
    summary="A period at a glance",
    response_model=ActivityDashboard,
    dependencies=SEES,
)
def read_dashboard(shop: TheShop, days: Days) -> Json:
    """The last thirty days, where none are given; hours are those of the shop."""
    return Json(codec.dashboard(activity.dashboard(shop, since=days.since, until=days.until)))


@router.get(
    "/export",
    summary="The trail as a file",
    response_class=Response,
    responses=CSV_RESPONSE | NOBODY,
)
def export(shop: TheShop, asked: AskedOf, account: MayExport) -> Response:
    """The same search without pages, up to 50,000 events; the trail tells who took it."""
    found = activity.export(shop, account.actor, asked)
    rows = [codec.item(event).model_dump(by_alias=True) for event in found]
    return table.file("user-activity.csv", COLUMNS, rows)


@router.get(
    "/entity/{entityType}/{entityId}",
    summary="What was done to one thing",
    response_model=list[ActivityItem],
    dependencies=SEES,
)
def read_of_entity(entityType: Word, entityId: Word, shop: TheShop) -> Json:  # noqa: N803
    """Newest first, up to 500."""
    return Json([codec.item(event) for event in activity.of_entity(shop, entityType, entityId)])


@router.get(
    "/user/{userId}",
    summary="What one user did",
    response_model=ActivitySummary,
    dependencies=SEES,
)
def read_of_user(userId: Number, shop: TheShop, recent: Recent = 20) -> Json:  # noqa: N803
    """Deleted ones, too; weeks begin on Monday."""
    told = activity.of_user(shop, userId, recent=min(max(recent, 1), 100))
    return Json(codec.summary(told))


@router.get("/me", summary="What one did oneself", response_model=ActivitySummary)
def read_mine(account: ApiAccess, shop: TheShop, recent: Recent = 20) -> Json:
    """Of whoever asks; a key is its owner."""
    told = activity.of_actor(shop, account.actor, recent=min(max(recent, 1), 100))
    return Json(codec.summary(told))
