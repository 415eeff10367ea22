"""Meeting the fiscal device: where it stands, against what this till knows of it.

A till is the only one that files on its device. So every receipt of the device is one of its own,
the count only moves on, and a day is opened and closed by it alone. Whatever is otherwise has been
done by somebody else, or this till's database is older than its device (production lesson L16).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Connection, RowMapping

from fiscal.errors import FiscalError
from fiscal.messages import Filed, Hello
from pos_app.services import fiscal_away, fiscal_search
from pos_app.services.shop import Shop
from pos_app.store import audit
from pos_app.store import fiscal as journal
from pos_app.store import fiscal_day as days
from pos_app.store import fiscal_device as devices

ELSEWHERE = "elsewhere"
"""Who opened or closed a day that this till did not open or close."""

MEET_SECONDS = 60
"""So often a device with nothing to do is greeted."""

AWAY_SECONDS = 10
"""So often one that is away is looked for."""


class Device(Protocol):
    """What meeting needs of `fiscal.driver.Driver`."""

    def hello(self) -> Hello:
        """Who the device is and where it stands."""
        ...

    def look_up(self, number: str) -> Filed | None:
        """The receipt of a number, None when it is proven not to be there."""
        ...


@dataclass(frozen=True, slots=True)
class Met:
    """A greeting that was answered, and why nothing may be sent now; empty when all is well."""

    hello: Hello
    stop: str


def is_due(shop: Shop) -> bool:
    """Whether it is time to greet the device although nothing waits for it."""
    with shop.store.read() as connection:
        known, lost = devices.current(connection), fiscal_away.away(connection)
    if known is None:
        return True
    age = abs(shop.clock.now() - known["seen_at"])
    return bool(age >= timedelta(seconds=AWAY_SECONDS if lost else MEET_SECONDS))


def meet(shop: Shop, device: Device, *, is_first: bool = False) -> Met:
    """Greet the device, and account for what it has filed that this till does not know of.

    Args:
        shop: the till.
        device: its fiscal device.
        is_first: the program has just started; its database may be another than before.

    Raises:
        Unavailable, Rejected: it cannot be had; since when is noted.
    """
    try:
        hello = device.hello()
        if _is_as_known(shop, hello):
            return Met(hello, "")
        was = see(shop, hello)
        if was is None:
            fiscal_search.series(shop, device, hello)
        elif _missing(shop, hello, was):
            fiscal_search.missing(shop, device, hello, after=was, is_first=is_first)
    except FiscalError as error:
        fiscal_away.lose(shop, str(error))
        raise
    return Met(hello, _judge(shop, hello))


def _is_as_known(shop: Shop, hello: Hello) -> bool:
    """Whether the device stands exactly where it was left a moment ago; costs no write."""
    now = shop.clock.now()
    with shop.store.read() as connection:
        known, lost = devices.by_id(connection, hello.device_id), fiscal_away.away(connection)
    if known is None or lost is not None or known["stop"]:
        return False
    says = (hello.serial, hello.boot_id, hello.last_receipt_global_no, hello.fiscal_day)
    columns = ("serial", "boot_id", "last_global_no", "fiscal_day")
    age = abs(now - known["seen_at"])
    return (
        says == tuple(known[name] for name in columns)
        and hello.is_day_open == known["is_day_open"]
        and age < timedelta(seconds=MEET_SECONDS)
        and not _stop(shop, hello, hello.last_receipt_global_no)
    )


def see(shop: Shop, hello: Hello) -> int | None:
    """Note a greeting.

    Returns:
        Up to which global number everything was accounted for; None when the device is new here.
    """
    now = shop.clock.now()
    with shop.store.write() as connection:
        known = devices.by_id(connection, hello.device_id)
        last = _first_number(connection, hello) if known is None else known["last_global_no"]
        _note_day(connection, hello, known, now=now)
        day = _day_columns(connection, hello, known)
        row = {
            "device_id": hello.device_id,
            "serial": hello.serial,
            "boot_id": hello.boot_id,
            "last_global_no": last,
            "said_global_no": hello.last_receipt_global_no,
            "clock_seconds": _ahead(hello, now),
            "met_at": known["met_at"] if known else now,
            "seen_at": now,
        }
        devices.keep(connection, row | day)
        fiscal_away.is_back(connection)
        if known is None:
            details = {"last_global_no": hello.last_receipt_global_no}
            _audit(connection, "fiscal.device_met", hello.device_id, details, now=now)
        return None if known is None else last


def _missing(shop: Shop, hello: Hello, last: int) -> bool:
    """Whether the device has filed something that nothing here accounts for."""
    said = hello.last_receipt_global_no
    with shop.store.read() as connection:
        return _accounted(connection, hello.device_id, last, said) < said


def _accounted(connection: Connection, device_id: str, last: int, said: int) -> int:
    """Up to which global number every receipt is one we know, none left out."""
    numbers = {
        row["receipt_global_no"]
        for row in (
            *journal.filed_between(connection, device_id, last, said),
            *devices.found_between(connection, device_id, last, said),
        )
    }
    while last + 1 in numbers:
        last += 1
    return last


def _judge(shop: Shop, hello: Hello) -> str:
    """Whether the device is as it should be; why not is stored, and audited when it is new."""
    said, now = hello.last_receipt_global_no, shop.clock.now()
    with shop.store.write() as connection:
        known = devices.by_id(connection, hello.device_id)
        if known is None:
            return ""
        last = _accounted(connection, hello.device_id, known["last_global_no"], said)
        if shop.rules.fiscal.is_shared and last < said:
            others = {"after": last, "until": said}
            _audit(connection, "fiscal.others_filed", hello.device_id, others, now=now)
            last = said
        stop = _stop(shop, hello, last)
        if stop and stop != known["stop"]:
            details = {"reason": stop, "till": last, "device": said}
            _audit(connection, "fiscal.stop", hello.device_id, details, now=now)
        devices.change(connection, hello.device_id, {"last_global_no": last, "stop": stop})
    return stop


def _stop(shop: Shop, hello: Hello, last: int) -> str:
    """Why nothing may be sent to the device, in one sentence."""
    said = hello.last_receipt_global_no
    if said < last:
        return (
            f"Device {hello.device_id} says its last receipt is number {said} and has filed {last} "
            "already: it was set back or exchanged, a supervisor must look at it."
        )
    if said > last:
        numbers = f"{last + 1}" if said == last + 1 else f"{last + 1} to {said}"
        return (
            f"Device {hello.device_id} has filed receipts this till does not know of "
            f"(global number {numbers}): a supervisor must find out who filed them."
        )
    ahead = _ahead(hello, shop.clock.now())
    if ahead is not None and abs(ahead) > shop.rules.fiscal.clock_minutes * 60:
        return (
            f"The clocks of till and device {hello.device_id} are {abs(ahead) // 60} minutes "
            "apart: put the wrong one right."
        )
    return ""


def _first_number(connection: Connection, hello: Hello) -> int:
    """Where a device that is met first is taken up: what came before is not ours to account for."""
    known = journal.highest(connection, hello.device_id)
    return hello.last_receipt_global_no if known is None else known


def _ahead(hello: Hello, now: datetime) -> int | None:
    """Seconds by which the clock of the device is ahead of ours."""
    return None if hello.clock is None else round((hello.clock - now).total_seconds())


def _day_columns(connection: Connection, hello: Hello, known: RowMapping | None) -> dict[str, Any]:
    """The day as it stands, or as it stood while a step of ours is not settled."""
    step = days.pending_step(connection)
    if known is not None and step is not None and step["state"] == "sent":
        return {name: known[name] for name in ("fiscal_day", "is_day_open")}
    return {"fiscal_day": hello.fiscal_day, "is_day_open": hello.is_day_open}


def _note_day(
    connection: Connection, hello: Hello, known: RowMapping | None, *, now: datetime
) -> None:
    """A day that moved without a step of ours was moved by somebody else: keep that in sight."""
    step = days.pending_step(connection)
    if step is not None and step["state"] == "sent":
        return
    if known is None:
        if hello.is_day_open:
            days.begin(connection, _opened(hello, at=None, is_foreign=False))
        return
    was, is_now = known["fiscal_day"], hello.fiscal_day
    if (was, known["is_day_open"]) == (is_now, hello.is_day_open):
        return
    if known["is_day_open"]:
        closed = {"closed_at": now, "closed_by": ELSEWHERE, "is_closing_foreign": True}
        closed["needs_look"] = True
        days.change(connection, hello.device_id, was, closed)
    if hello.is_day_open:
        is_recent = now - known["seen_at"] < timedelta(hours=1)
        at = known["seen_at"] if is_recent else None
        base = known["said_global_no"]
        row = _opened(hello, at=at, is_foreign=True)
        if base == hello.last_receipt_global_no:
            row["base_global_no"] = base
        days.begin(connection, row)
    details = {"was": was, "is": is_now, "is_open": hello.is_day_open}
    _audit(connection, "fiscal.day_moved", hello.device_id, details, now=now)


def _opened(hello: Hello, *, at: datetime | None, is_foreign: bool) -> dict[str, Any]:
    return {
        "device_id": hello.device_id,
        "fiscal_day": hello.fiscal_day,
        "opened_at": at,
        "opened_by": ELSEWHERE,
        "is_opening_foreign": is_foreign,
        "is_closing_foreign": False,
        "needs_look": is_foreign,
    }


def _audit(
    connection: Connection, action: str, device_id: str, details: dict[str, Any], *, now: datetime
) -> None:
    audit.append(
        connection, at=now, actor="till", action=action, subject=device_id, details=details
    )
