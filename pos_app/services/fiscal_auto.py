"""What the till does to the fiscal day without being asked, and what it was asked to do."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from pos_app.domain.fiscal_day import FiscalDayBusy, FiscalStepPending, StepKind, closing_time
from pos_app.services import fiscal_step
from pos_app.services.shop import Shop
from pos_app.store import fiscal_day as days
from pos_app.store import fiscal_device as devices
from pos_app.store import shift as shifts

AT_NIGHT = "it is time to close"
AT_THE_END = "its legal end is near"


def work(shop: Shop, device: fiscal_step.Device) -> str:
    """Ask for the evening's closing when it is due, and do what is wanted of the day.

    Returns:
        Why something that is wanted is not done; empty when all is done.
    """
    return _want_closing(shop) or fiscal_step.run(shop, device)


def closes_at(shop: Shop, connection: Connection) -> datetime | None:
    """When the till will close the open day by itself, in UTC; None when it will not."""
    opened_at, at = _opened_at(connection), shop.rules.fiscal.closes_at
    if opened_at is None or at is None:
        return None
    local = shop.local(opened_at)
    return closing_time(local, at).astimezone(opened_at.tzinfo)


def _want_closing(shop: Shop) -> str:
    """Ask for the closing in the evening once the shift is closed, and at the legal end anyway."""
    with shop.store.read() as connection:
        due = closes_at(shop, connection)
        opened_at = _opened_at(connection)
        is_selling = shifts.open_id(connection, shop.rules.till) is not None
        is_wanted = days.pending_step(connection) is not None
    if due is None or opened_at is None or is_wanted:
        return ""
    now, rules = shop.clock.now(), shop.rules.fiscal
    end = opened_at + timedelta(hours=rules.day_hours)
    is_late = now >= end - timedelta(hours=rules.warn_hours)
    if not is_late and (now < due or is_selling):
        return ""
    try:
        fiscal_step.ask(
            shop,
            StepKind.CLOSE,
            username=fiscal_step.TILL,
            reason=AT_THE_END if is_late else AT_NIGHT,
            is_forced=now >= end,
        )
    except (FiscalDayBusy, FiscalStepPending) as error:
        return error.sentence
    return ""


def _opened_at(connection: Connection) -> datetime | None:
    """When the open day was opened, or else when it was first seen open; None: none is open."""
    known = devices.current(connection)
    if known is None or not known["is_day_open"]:
        return None
    day = days.of_device(connection, known["device_id"], known["fiscal_day"])
    at = day["opened_at"] if day else None
    found: datetime = at or known["met_at"]
    return found
