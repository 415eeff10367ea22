"""What a supervisor may do about receipts that are unknown, refused or disputed.

Nothing is changed on the device here, and nothing is sent that is not proven missing there. Every
deed needs a permission and a reason and is audited.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, RowMapping

from fiscal.messages import Filed, ReceiptRequest, digest_of
from pos_app.domain.fiscal import FiscalState, NotSettledSo, mark_in
from pos_app.domain.limit import ApproverNotAllowed, ReasonMissing
from pos_app.domain.permission import Actor, Permission, require
from pos_app.errors import RecordNotFound
from pos_app.services import fiscal_record, fiscal_request
from pos_app.services.shop import Shop
from pos_app.store import audit
from pos_app.store import fiscal as journal
from pos_app.store import fiscal_device as devices


class Deed(StrEnum):
    """What can be done about a receipt."""

    LOOK_AGAIN = "look_again"
    ADOPT = "adopt"
    SEND_AGAIN = "send_again"
    WRITE_OFF = "write_off"


DEEDS = {
    FiscalState.UNKNOWN: (Deed.LOOK_AGAIN,),
    FiscalState.REFUSED: (Deed.SEND_AGAIN, Deed.WRITE_OFF),
    FiscalState.DISPUTED: (Deed.LOOK_AGAIN, Deed.ADOPT, Deed.SEND_AGAIN, Deed.WRITE_OFF),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One side of a comparison: what was asked, or what the device has."""

    number: str
    device_id: str
    kind: str
    currency: str
    total: Decimal | None
    receipt_global_no: int | None = None
    filed_at: str = ""
    is_same_sale: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A receipt somebody has to look at.

    Attributes:
        asked: what the till asked the device to file; the currency is the device's code.
        found: what the device has under its number; None when nothing is known of it.
        may: what can be done about it.
    """

    receipt: str
    sale_id: str
    state: FiscalState
    reason: str
    since: datetime
    resends: int
    asked: Side
    found: Side | None
    may: tuple[Deed, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A receipt on the device that no sale of this till stands behind."""

    side: Side
    fiscal_day: int | None
    found_at: datetime


def troubles(shop: Shop) -> tuple[Trouble, ...]:
    """Receipts that are unknown, refused or disputed, in the order they were sold."""
    with shop.store.read() as connection:
        return tuple(_trouble(connection, row) for row in journal.troubled(connection))


def found(shop: Shop) -> tuple[Found, ...]:
    """Receipts of the device without a sale that nobody has looked at yet, oldest first."""
    with shop.store.read() as connection:
        rows = devices.unsettled_found(connection)
    return tuple(
        Found(
            side=_found_side(fiscal_record.found_record(row), mark=""),
            fiscal_day=row["fiscal_day"],
            found_at=row["found_at"],
        )
        for row in rows
        if row["why"] == "ahead"
    )


def look_again(shop: Shop, actor: Actor, receipt: str, *, reason: str = "") -> None:
    """Ask the device about a receipt at once.

    Raises:
        RecordNotFound: there is no such receipt in the journal.
        NotSettledSo: there is nothing to ask.
    """
    require(actor, Permission.FISCAL_RESOLVE)
    with shop.store.write() as connection:
        row = _row(connection, receipt)
        if row["state"] not in {*journal.UNSETTLED, FiscalState.DISPUTED}:
            raise NotSettledSo(receipt, f"it is {row['state']}", "nothing is in doubt about it")
        is_disputed = row["state"] == FiscalState.DISPUTED
        state = FiscalState.UNKNOWN if is_disputed else FiscalState(row["state"])
        values = {"look_at": None, "settled_at": None}
        _move(connection, row, state, values)
        _audit(
            shop,
            connection,
            actor,
            deed=Deed.LOOK_AGAIN,
            row=row,
            details={"reason": reason.strip()},
        )


def adopt(shop: Shop, actor: Actor, receipt: str, *, reason: str, approver: Actor) -> None:
    """Take what the device has under a disputed number as this sale's record, after comparing.

    Somebody else than who asks approves it. It must be of this till's device, kind and currency,
    and not another sale's; a total that differs stays to be seen in `pos check`.

    Raises:
        RecordNotFound: there is no such receipt in the journal.
        NotSettledSo: it is not disputed, or the device's record cannot be this sale's.
        ApproverNotAllowed, ReasonMissing: who approves may not, or nobody said why.
    """
    require(actor, Permission.RECEIPT_VIEW)
    words = _reason(reason)
    _check_approver(actor, approver)
    with shop.store.write() as connection:
        row = _row(connection, receipt)
        filed = _disputed_record(connection, row)
        _check_same(connection, row, filed)
        if fiscal_record.record(shop, connection, row, filed):
            devices.settle_found(connection, receipt, by=approver.username, at=shop.clock.now())
            details = {
                "reason": words,
                "approver": approver.username,
                "device_total": str(filed.total),
                "receipt_global_no": filed.receipt_global_no,
            }
            _audit(shop, connection, actor, deed=Deed.ADOPT, row=row, details=details)


def send_again(shop: Shop, actor: Actor, receipt: str, *, reason: str) -> None:
    """Let a receipt be filed after all, under its own number.

    A refused one, proven not filed, goes out again with the taxes, names and customs codes of
    today. A disputed one is looked up first, from where the device stands now, and goes out again
    only when the device is proven not to have it.

    Raises:
        RecordNotFound: there is no such receipt in the journal.
        NotSettledSo: it is neither refused nor disputed, or its taxes would change.
        ReasonMissing: nobody said why.
    """
    require(actor, Permission.FISCAL_RESOLVE)
    words = _reason(reason)
    with shop.store.write() as connection:
        row = _row(connection, receipt)
        values: dict[str, Any] = {"look_at": None, "settled_at": None, "looks": 0, "resends": 0}
        if row["state"] == FiscalState.REFUSED:
            text = fiscal_request.again(shop, connection, row).to_json()
            values |= {"request": text, "digest": digest_of(text), "reason": ""}
            state = FiscalState.INTENT
        elif row["state"] == FiscalState.DISPUTED:
            values |= {"baseline": _baseline(connection, row)}
            state = FiscalState.UNKNOWN
        else:
            raise NotSettledSo(
                receipt, f"it is {row['state']}", "only a refused or disputed one is sent again"
            )
        _move(connection, row, state, values)
        _audit(shop, connection, actor, deed=Deed.SEND_AGAIN, row=row, details={"reason": words})


def write_off(shop: Shop, actor: Actor, receipt: str, *, correction: str, reason: str) -> None:
    """Leave a receipt that cannot be filed to its correction, such as a sale made anew.

    Raises:
        RecordNotFound: there is no such receipt in the journal.
        NotSettledSo: it may be on the device, or the correction is not named.
        ReasonMissing: nobody said why.
    """
    require(actor, Permission.FISCAL_RESOLVE)
    words, now = _reason(reason), shop.clock.now()
    if not correction.strip():
        raise NotSettledSo(receipt, "no correction is named", "name the receipt that replaces it")
    with shop.store.write() as connection:
        row = _row(connection, receipt)
        if Deed.WRITE_OFF not in _may(connection, row):
            raise NotSettledSo(
                receipt, f"it is {row['state']}", "only one that is proven not filed is written off"
            )
        values = {"correction": correction.strip(), "corrected_at": now}
        _move(connection, row, FiscalState(row["state"]), values)
        devices.settle_found(connection, receipt, by=actor.username, at=now)
        details = {"reason": words, "correction": correction.strip()}
        _audit(shop, connection, actor, deed=Deed.WRITE_OFF, row=row, details=details)


def accept_device(shop: Shop, actor: Actor, *, reason: str) -> None:
    """Go on with the device as it stands: what it has filed without this till is accounted for.

    Raises:
        RecordNotFound: no device was ever met.
        ReasonMissing: nobody said who filed it.
    """
    require(actor, Permission.FISCAL_RESOLVE)
    words = _reason(reason)
    with shop.store.write() as connection:
        known = devices.current(connection)
        if known is None:
            raise RecordNotFound("fiscal device", shop.rules.fiscal.device)
        said = known["said_global_no"]
        devices.change(connection, known["device_id"], {"last_global_no": said, "stop": ""})
        audit.append(
            connection,
            at=shop.clock.now(),
            actor=actor.username,
            action="fiscal.accept_device",
            subject=known["device_id"],
            details={"reason": words, "till": known["last_global_no"], "device": said},
        )


def accept_found(shop: Shop, actor: Actor, number: str, *, reason: str) -> None:
    """Note what is known of a receipt on the device that no sale here stands behind.

    Raises:
        RecordNotFound: nothing of this number waits to be looked at.
        ReasonMissing: nobody said what it is.
    """
    require(actor, Permission.FISCAL_RESOLVE)
    words, now = _reason(reason), shop.clock.now()
    with shop.store.write() as connection:
        if not devices.settle_found(connection, number, by=actor.username, at=now):
            raise RecordNotFound("receipt of the device", number)
        audit.append(
            connection,
            at=now,
            actor=actor.username,
            action="fiscal.accept_found",
            subject=number,
            details={"reason": words},
        )


def _trouble(connection: Connection, row: RowMapping) -> Trouble:
    request = ReceiptRequest.from_json(row["request"])
    there = devices.found_of_number(connection, row["number"])
    mark = mark_in(request.comment)
    return Trouble(
        receipt=row["number"],
        sale_id=row["sale_id"],
        state=FiscalState(row["state"]),
        reason=row["reason"],
        since=row["intended_at"],
        resends=row["resends"],
        asked=Side(
            number=request.number,
            device_id=fiscal_record.baseline(row).device_id,
            kind=request.kind,
            currency=request.currency,
            total=request.total,
        ),
        found=_found_side(fiscal_record.found_record(there), mark=mark) if there else None,
        may=_may(connection, row),
    )


def _may(connection: Connection, row: RowMapping) -> tuple[Deed, ...]:
    """What can be done: adopt only a record that is there, write off only what is not filed."""
    deeds = DEEDS.get(FiscalState(row["state"]), ())
    there = devices.found_of_number(connection, row["number"])
    if there is None:
        return tuple(deed for deed in deeds if deed is not Deed.ADOPT)
    mark = mark_in(ReceiptRequest.from_json(row["request"]).comment)
    if _found_side(fiscal_record.found_record(there), mark=mark).is_same_sale:
        return tuple(deed for deed in deeds if deed is not Deed.WRITE_OFF)
    return deeds


def _found_side(filed: Filed, *, mark: str) -> Side:
    theirs = mark_in(fiscal_record.comment_in(filed))
    return Side(
        number=filed.number,
        device_id=filed.device_id,
        kind=filed.kind or "",
        currency=filed.currency,
        total=filed.total,
        receipt_global_no=filed.receipt_global_no,
        filed_at=filed.filed_at or "",
        is_same_sale=theirs == mark if theirs and mark else None,
    )


def _disputed_record(connection: Connection, row: RowMapping) -> Filed:
    there = devices.found_of_number(connection, row["number"])
    if row["state"] != FiscalState.DISPUTED or there is None:
        raise NotSettledSo(
            row["number"], "there is no record of the device to take", "look again first"
        )
    return fiscal_record.found_record(there)


def _check_same(connection: Connection, row: RowMapping, filed: Filed) -> None:
    """Refuse a record that cannot be this sale's, whoever approves it."""
    request = ReceiptRequest.from_json(row["request"])
    known = devices.current(connection)
    theirs, ours = mark_in(fiscal_record.comment_in(filed)), mark_in(request.comment)
    advice = "write it off into a correction"
    if known is None or filed.device_id != known["device_id"]:
        raise NotSettledSo(row["number"], "the record is another device's", advice)
    if (filed.kind, filed.currency) != (request.kind, request.currency):
        raise NotSettledSo(row["number"], "the record is of another kind or currency", advice)
    if theirs and ours and theirs != ours:
        raise NotSettledSo(row["number"], "the record is another sale's", advice)


def _check_approver(actor: Actor, approver: Actor) -> None:
    if approver.user_id == actor.user_id:
        raise ApproverNotAllowed(approver.username, "nobody approves their own request")
    if not approver.may(Permission.FISCAL_RESOLVE):
        raise ApproverNotAllowed(approver.username, "the permission fiscal.resolve is missing")


def _baseline(connection: Connection, row: RowMapping) -> dict[str, Any]:
    """Where the device stood when it was last seen, and accounted for."""
    known = devices.current(connection)
    if known is None:
        return dict(row["baseline"] or {})
    return {
        "device_id": known["device_id"],
        "last_global_number": known["last_global_no"],
        "fiscal_day": known["fiscal_day"],
        "boot_id": known["boot_id"],
    }


def _row(connection: Connection, receipt: str) -> RowMapping:
    row = journal.by_number(connection, receipt)
    if row is None:
        raise RecordNotFound("receipt in the fiscal journal", receipt)
    if row["corrected_at"] is not None:
        raise NotSettledSo(receipt, f"{row['correction']} has taken its place", "look at that")
    return row


def _move(
    connection: Connection, row: RowMapping, state: FiscalState, values: dict[str, Any]
) -> None:
    is_moved = journal.move(
        connection, row["sale_id"], was=row["state"], state=state.value, values=values
    )
    if not is_moved:
        raise NotSettledSo(row["number"], "it has just changed", "look at it again")


def _audit(
    shop: Shop,
    connection: Connection,
    actor: Actor,
    *,
    deed: Deed,
    row: RowMapping,
    details: dict[str, Any],
) -> None:
    audit.append(
        connection,
        at=shop.clock.now(),
        actor=actor.username,
        action=f"fiscal.{deed.value}",
        subject=row["number"],
        details=details,
    )


def _reason(text: str) -> str:
    if not text.strip():
        raise ReasonMissing
    return text.strip()
