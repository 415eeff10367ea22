"""The shop's fiscal device for other programs: each receipt filed once, each day closed once.

The same journal and the same decisions as the till's own (`services.fiscal`), in one call: the
intent is on disk before the first byte, it is sent once, and only reading settles what became of
it. What is proven not filed is given back to the caller, never sent later behind its back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Connection, RowMapping

from fiscal.errors import FiscalError, OutcomeUnknown, Rejected, Unavailable
from fiscal.fiscal_day import settle_day
from fiscal.messages import BacklogRow, DayStatus, Filed, Hello, ReceiptRequest
from pos_app.domain.currency import normalise
from pos_app.domain.fiscal import Decision, DeviceNow, FiscalState, Lookup, decide, mark_in
from pos_app.domain.fiscal import FiscalRequest as Asked
from pos_app.domain.fiscal import LookupOutcome as Outcome
from pos_app.domain.fiscal_proxy import (
    FiscalDisputed,
    FiscalNumberTaken,
    FiscalUnsettled,
    OriginalNotFiscalised,
)
from pos_app.domain.money import Money
from pos_app.domain.permission import Actor
from pos_app.errors import DeviceUnavailable, PosError
from pos_app.services import fiscal_record, fiscal_told
from pos_app.services.fiscal_proxy_read import DEVICE, refusal
from pos_app.services.shop import Shop
from pos_app.services.worked import Worked
from pos_app.store import audit
from pos_app.store import fiscal as journal
from pos_app.store import fiscal_proxy as proxy

RESENDS_MAX = 1
NOT_YET = "The device does not have it yet and may still be at work on it; it is asked on."


class Device(Protocol):
    """What filing for others needs of `fiscal.driver.Driver`."""

    def hello(self) -> Hello:
        """Who the device is and where it stands."""
        ...

    def submit(self, request: ReceiptRequest) -> Filed:
        """File a receipt; sent once."""
        ...

    def open_day(self) -> DayStatus:
        """Open the fiscal day; an open one is left as it is."""
        ...

    def look_up(self, number: str) -> Filed | None:
        """The receipt of a number, None when it is proven not to be there."""
        ...

    def backlog(self, day: int) -> list[BacklogRow]:
        """What the device has not delivered to the authority yet."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxied:
    """A receipt sent for a program: filed, with its numbers, or not known yet, with the reason."""

    number: str
    is_filed: bool
    reason: str
    device_id: str
    device_serial: str
    qr: str
    verification_code: str
    verification_link: str
    receipt_global_no: int | None
    receipt_counter: int | None
    fiscal_day: int | None


def transact(shop: Shop, device: Device, actor: Actor, request: ReceiptRequest) -> Proxied:
    """File a receipt for a program: filed, or not known yet.

    The same number with the same content is never sent twice: it hears how the first one ended.

    Raises:
        FiscalNumberTaken: the number stands for another content.
        FiscalDisputed: the device holds something else under it.
        FiscalUnsettled: an earlier receipt is not settled; nothing was sent.
        FiscalRequestRefused, FiscalNotReady, OriginalNotFiscalised: proven not filed.
        DeviceUnavailable: it cannot be reached, or lost it twice; proven not filed.
    """
    known = _known(shop, request)
    settle(shop, device)
    if known is not None:
        known = _row(shop, request.number)
        if known["state"] != FiscalState.REFUSED:
            return _told(known)
    check_settled(shop)
    request = _with_original(device, request)
    row = _intend(shop, actor, request, known=known)
    return _told(_file(shop, device, row))


def settle(shop: Shop, device: Device) -> Worked:
    """Find out by reading what became of every receipt that is not settled; nothing is sent."""
    done, problem = 0, ""
    with shop.store.read() as connection:
        rows = proxy.unsettled(connection)
    for row in rows:
        if row["state"] == FiscalState.INTENT:
            # Another turn of the device began, so this one ended before its first byte.
            _refuse(shop, row, "The server stopped before it was sent.")
            done += 1
            continue
        settled = _look(shop, device, row)
        done += settled["state"] not in proxy.UNSETTLED
        problem = problem or settled["reason"]
    return Worked(done=done, waiting=len(rows) - done, problem=problem)


def by_number(shop: Shop, number: str) -> RowMapping | None:
    """What is known of a receipt filed for a program."""
    with shop.store.read() as connection:
        return proxy.by_number(connection, number)


def first_doubt(shop: Shop) -> RowMapping | None:
    """The oldest receipt that is not settled: of a program, or of this server's own invoices."""
    with shop.store.read() as connection:
        rows = proxy.unsettled(connection)
        if rows or not shop.rules.fiscal.is_required:
            return rows[0] if rows else None
        return journal.first_unsettled(connection)


def check_settled(shop: Shop) -> None:
    """Let nothing new onto the device while a receipt is in doubt (production lesson L13).

    Raises:
        FiscalUnsettled: one is.
    """
    first = first_doubt(shop)
    if first is not None:
        raise FiscalUnsettled(first["number"], first["reason"])


def _known(shop: Shop, request: ReceiptRequest) -> RowMapping | None:
    """The row of a number sent before; a refused one may come back corrected."""
    known = by_number(shop, request.number)
    if known is None or known["state"] == FiscalState.REFUSED:
        return known
    if known["digest"] != request.digest:
        raise FiscalNumberTaken(request.number)
    return known


def _told(row: RowMapping) -> Proxied:
    """The receipt, if it is one a caller may go on with."""
    if row["state"] == FiscalState.DISPUTED:
        raise FiscalDisputed(row["number"], row["reason"])
    if row["state"] == FiscalState.REFUSED:
        raise DeviceUnavailable(DEVICE, row["reason"].rstrip("."))
    return Proxied(
        number=row["number"],
        is_filed=row["state"] == FiscalState.FISCALISED,
        reason=row["reason"],
        device_id=row["device_id"] or "",
        device_serial=row["device_serial"] or "",
        qr=row["qr"] or "",
        verification_code=row["verification_code"] or "",
        verification_link=row["verification_link"] or "",
        receipt_global_no=row["receipt_global_no"],
        receipt_counter=row["receipt_counter"],
        fiscal_day=row["fiscal_day"],
    )


def _with_original(device: Device, request: ReceiptRequest) -> ReceiptRequest:
    """A note is filed only against a receipt the device can name (production lesson L41)."""
    if request.kind == "invoice" or request.foreign is not None:
        return request
    try:
        original = device.look_up(request.original_number)
    except FiscalError as error:
        raise refusal(error) from error
    if original is None:
        raise OriginalNotFiscalised(request.original_number)
    return request


def _intend(
    shop: Shop, actor: Actor, request: ReceiptRequest, *, known: RowMapping | None
) -> RowMapping:
    """Put the intent on disk before anything is sent (production lesson L12)."""
    values = {
        "request": request.to_json(),
        "digest": request.digest,
        "client": actor.username,
        "reason": "",
        "resends": 0,
        "intended_at": shop.clock.now(),
    }
    with shop.store.write() as connection:
        if known is None:
            intent = {"number": request.number, "state": FiscalState.INTENT.value}
            proxy.add(connection, intent | values)
        else:
            proxy.move(
                connection,
                request.number,
                was=FiscalState.REFUSED,
                state=FiscalState.INTENT,
                values=values | {"sent_at": None, "settled_at": None, "baseline": None},
            )
    return _row(shop, request.number)


def _file(shop: Shop, device: Device, row: RowMapping) -> RowMapping:
    """Send it; once more only after the device was proven not to have it."""
    while row["state"] == FiscalState.INTENT:
        row = _send(shop, device, row)
        if row["state"] == FiscalState.UNKNOWN:
            row = _look(shop, device, row, resends=RESENDS_MAX)
    return row


def _send(shop: Shop, device: Device, row: RowMapping) -> RowMapping:
    """Store where the device stands, say SENT, and only then send the first byte."""
    try:
        hello = _with_open_day(device)
    except FiscalError as error:
        # Also when the day is unclear: of the receipt itself nothing has left.
        raise _not_filed(shop, row, error) from error
    baseline = {
        "device_id": hello.device_id,
        "boot_id": hello.boot_id,
        "last_global_number": hello.last_receipt_global_no,
        "fiscal_day": hello.fiscal_day,
    }
    values = {"baseline": baseline, "sent_at": shop.clock.now(), "reason": ""}
    row = _move(shop, row, FiscalState.SENT, values)
    try:
        filed = device.submit(ReceiptRequest.from_json(row["request"]))
    except OutcomeUnknown as error:
        return _move(shop, row, FiscalState.UNKNOWN, {"reason": str(error)})
    except Rejected as error:
        if error.is_duplicate:
            return _move(shop, row, FiscalState.UNKNOWN, {"reason": str(error)})
        raise _not_filed(shop, row, error) from error
    except Unavailable as error:
        raise _not_filed(shop, row, error) from error
    return _judge(shop, row, filed)


def _with_open_day(device: Device) -> Hello:
    hello = device.hello()
    if hello.is_day_open:
        return hello
    device.open_day()
    hello = device.hello()
    if not hello.is_day_open:
        raise Unavailable("it was told to open the fiscal day and did not")
    return hello


def _not_filed(shop: Shop, row: RowMapping, why: FiscalError) -> PosError:
    """Note that it is proven not filed; returns what to tell the caller."""
    _refuse(shop, row, str(why))
    return refusal(why)


def _look(shop: Shop, device: Device, row: RowMapping, *, resends: int = 0) -> RowMapping:
    """Ask the device what became of a receipt, and do what the answer allows."""
    try:
        filed = device.look_up(row["number"])
        now = None if filed is not None else _now(shop, device, row)
    except FiscalError as error:
        return _move(shop, row, FiscalState.UNKNOWN, {"reason": str(error)})
    if filed is not None:
        return _judge(shop, row, filed)
    decision = decide(
        Lookup(Outcome.MISSING),
        _asked(row),
        baseline=fiscal_record.baseline(row),
        device_now=now,
        unexplained=_unexplained(shop, row, now),
    )
    if decision is Decision.WAIT:
        return _move(shop, row, FiscalState.UNKNOWN, {"reason": NOT_YET})
    if decision is not Decision.RESEND:
        why = "the device was changed, or filed receipts nobody here knows: a person must look."
        return _dispute(shop, row, why, {})
    if row["resends"] < resends:
        return _move(shop, row, FiscalState.INTENT, {"resends": row["resends"] + 1})
    return _refuse(shop, row, "it does not keep what it is sent.")


def _judge(shop: Shop, row: RowMapping, filed: Filed) -> RowMapping:
    """Adopt what is this very receipt, to the cent; anything else is for a person (lesson L11)."""
    decision = decide(
        fiscal_record.lookup_of(filed),
        _asked(row),
        baseline=fiscal_record.baseline(row),
        device_now=None,
        unexplained=0,
    )
    if decision is not Decision.ADOPT:
        return _dispute(shop, row, fiscal_record.difference(filed), {"reply": filed.raw})
    with shop.store.read() as connection:
        known = journal.days(connection, filed.device_id) | proxy.days(connection, filed.device_id)
    day = (row["baseline"] or {}).get("fiscal_day")
    settled = settle_day(filed, baseline_day=day, known=known)
    values = fiscal_record.columns(settled) | {
        "verification_link": settled.verification_link,
        "reason": "",
        "settled_at": shop.clock.now(),
    }
    return _move(shop, row, FiscalState.FISCALISED, values, action="fiscal.file")


def _refuse(shop: Shop, row: RowMapping, why: str) -> RowMapping:
    values = {"reason": why, "settled_at": shop.clock.now()}
    return _move(shop, row, FiscalState.REFUSED, values, action="fiscal.refuse")


def _dispute(shop: Shop, row: RowMapping, why: str, values: Mapping[str, Any]) -> RowMapping:
    ended = {"reason": why, "settled_at": shop.clock.now(), **values}
    return _move(shop, row, FiscalState.DISPUTED, ended, action="fiscal.dispute")


def _move(
    shop: Shop,
    row: RowMapping,
    state: FiscalState,
    values: Mapping[str, Any],
    *,
    action: str = "",
) -> RowMapping:
    """Change a row and, at its end, leave a trace; returns the row as it is then."""
    number = row["number"]
    with shop.store.write() as connection:
        moved = proxy.move(connection, number, was=row["state"], state=state, values=values)
        if moved and action:
            _note(shop, connection, row, action=action, reason=str(values.get("reason", "")))
            fiscal_told.tell(shop, connection, number, state, values)
    return _row(shop, number)


def _note(shop: Shop, connection: Connection, row: RowMapping, *, action: str, reason: str) -> None:
    audit.append(
        connection,
        at=shop.clock.now(),
        actor=row["client"],
        action=action,
        subject=row["number"],
        details={"reason": reason},
    )


def _row(shop: Shop, number: str) -> RowMapping:
    found = by_number(shop, number)
    if found is None:
        raise LookupError(number)
    return found


def _asked(row: RowMapping) -> Asked:
    request = ReceiptRequest.from_json(row["request"])
    return Asked(
        device_id=fiscal_record.baseline(row).device_id,
        number=row["number"],
        receipt_type=request.kind,
        total=Money.of(request.total, normalise(request.currency)),
        mark=mark_in(request.comment),
    )


def _now(shop: Shop, device: Device, row: RowMapping) -> DeviceNow:
    """Where the device stands, and whether "not found" may be believed, as `services.fiscal` says.

    Raises:
        FiscalError: it could not be asked.
    """
    first = device.hello()
    backlog = {entry.number for entry in device.backlog(first.fiscal_day)}
    filed = device.look_up(row["number"])
    last = device.hello()
    is_same = (first.boot_id, first.last_receipt_global_no) == (
        last.boot_id,
        last.last_receipt_global_no,
    )
    age = (shop.clock.now() - (row["sent_at"] or row["intended_at"])).total_seconds()
    is_quiet = bool(last.boot_id) or age >= shop.rules.fiscal.quiet_seconds
    is_quiet = is_quiet and last.is_idle
    is_idle = is_same and is_quiet and filed is None and row["number"] not in backlog
    return DeviceNow(last.device_id, last.last_receipt_global_no, is_idle=is_idle)


def _unexplained(shop: Shop, row: RowMapping, now: DeviceNow | None) -> int:
    """Receipts filed since the baseline that neither this journal nor a till's accounts for."""
    if now is None:
        return 0
    before, until = fiscal_record.baseline(row).last_global_number, now.last_global_number
    with shop.store.read() as connection:
        own = {
            r["receipt_global_no"]
            for r in proxy.filed_between(connection, now.device_id, before, until)
        }
        tills = {
            r["receipt_global_no"]
            for r in journal.filed_between(connection, now.device_id, before, until)
        }
    return max(until - before - len(own | tills), 0)
