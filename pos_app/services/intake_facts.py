"""What a till tells after the sale, on the server: the fiscal outcome, shifts, its audit chain."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from pos_app.domain.fiscal import FiscalState
from pos_app.errors import MalformedInput
from pos_app.services import fiscal_told
from pos_app.services.received import Received, Refusal, content
from pos_app.services.shop import Shop
from pos_app.store import fiscal as journal
from pos_app.store import sale as sales
from pos_app.store import setting, wire
from pos_app.store import shift as shifts
from sync.envelope import Envelope, Outcome

FILED = ("device_id", "receipt_global_no")
"""What names one receipt on one device."""


def take_fiscal(shop: Shop, connection: Connection, till: str, envelope: Envelope) -> Received:
    """Keep what the fiscal device said of a sale; a filed receipt is final.

    Raises:
        Refusal: the sale is not here yet or is another till's, or was filed as another receipt.
    """
    data = content(envelope.payload)
    sale = sales.by_id(connection, envelope.key)
    if sale is None:
        raise Refusal(Outcome.LATER, "sale_missing", "Its sale has not arrived yet.")
    if sale["till"] != till:
        raise Refusal(Outcome.REFUSED, "not_its_own", "It speaks of another till's sale.")
    known = journal.by_sale(connection, envelope.key)
    row = _journal_row(shop, data, sale_id=envelope.key)
    if known is None:
        seq = ELSEWHERE + setting.next_number(connection, "fiscal_journal")
        journal.add(connection, row | {"seq": seq})
        fiscal_told.tell(shop, connection, row["number"], row["state"], row)
        return Received()
    if known["state"] == FiscalState.FISCALISED:
        if any(known[name] != row.get(name) for name in FILED):
            words = f"Receipt {row['number']} is here already as another fiscal receipt."
            raise Refusal(Outcome.CONFLICT, "filed_twice", words)
        return Received()
    told = {name: value for name, value in row.items() if name not in _OURS}
    state, was = told.pop("state"), known["state"]
    journal.move(connection, envelope.key, was=was, state=state, values=told)
    if state != was:
        fiscal_told.tell(shop, connection, row["number"], state, row)
    return Received()


ELSEWHERE = 10**12
"""What tills filed is numbered behind it: a server's own receipts are numbered as they are made."""

_OURS = frozenset({"sale_id", "seq", "request", "digest", "resends", "looks", "intended_at"})


def _journal_row(shop: Shop, data: Mapping[str, Any], *, sale_id: str) -> dict[str, Any]:
    now = shop.clock.now()
    given: dict[str, Any] = {
        "sale_id": sale_id,
        "seq": 0,
        "device": str(data.get("device") or data.get("device_id") or ""),
        "request": {},
        "digest": "",
        "baseline": None,
        "reply": data.get("reply"),
        "resends": 0,
        "looks": 0,
        "intended_at": now,
        "sent_at": None,
        "look_at": None,
        "settled_at": now,
    }
    return _decoded(journal.fiscal_journal, data, "The fiscal outcome", **given)


def take_shift(shop: Shop, connection: Connection, till: str, envelope: Envelope) -> Received:
    """Keep a till's shift as it stood when it was told: header, movements, counts and results.

    Raises:
        Refusal: it is another till's, or the shift before it is still open here.
    """
    del shop
    data = content(envelope.payload)
    row = _decoded(shifts.shifts, data.get("shift"), "The shift")
    if row["till"] != till:
        raise Refusal(Outcome.REFUSED, "not_its_own", "It speaks of another till's shift.")
    known = shifts.by_id(connection, row["id"])
    if known is not None and known["state"] == "closed" and row["state"] != "closed":
        return Received()
    current = shifts.open_on(connection, till)
    if row["state"] != "closed" and current is not None and current["id"] != row["id"]:
        words = f"Shift {current['number']} of the till is still open here."
        raise Refusal(Outcome.LATER, "shift_open", words)
    mine = {"shift_id": row["id"]}
    shifts.replace(
        connection,
        row,
        movements=_all(shifts.shift_movements, data, "movements", mine),
        counts=_all(shifts.shift_counts, data, "counts", mine),
        results=_all(shifts.shift_results, data, "results", mine),
    )
    return Received(changes=(("series", till),))


def take_audit(shop: Shop, connection: Connection, till: str, envelope: Envelope) -> Received:
    """Keep how far a till's audit chain has come; one that went back was tampered with.

    An older envelope that comes after a newer one, as after a restore of this server, tells
    nothing new.

    Raises:
        Refusal: the chain is shorter than before, or another one.
    """
    del shop
    data = content(envelope.payload)
    seq, linked = data.get("seq"), data.get("hash")
    if type(seq) is not int or not isinstance(linked, str):
        raise Refusal(Outcome.REFUSED, "malformed", "The head of the audit chain is not told.")
    name = f"audit:{till}"
    known = json.loads(setting.read(connection, name) or '{"seq":0,"hash":"","told":0}')
    if envelope.seq < known["told"]:
        return Received()
    if seq < known["seq"] or (seq == known["seq"] and linked != known["hash"]):
        words = f"The audit chain of till {till} was at event {known['seq']} and is now at {seq}."
        raise Refusal(Outcome.CONFLICT, "audit_went_back", words)
    setting.write(connection, name, json.dumps({"seq": seq, "hash": linked, "told": envelope.seq}))
    return Received()


def forget_audit(connection: Connection, till: str) -> str:
    """Let a till's audit chain begin anew with its new life; return where the old one was."""
    name = f"audit:{till}"
    was = setting.read(connection, name) or ""
    setting.drop(connection, name)
    return was


def _all(
    table: Any, data: Mapping[str, Any], name: str, mine: Mapping[str, Any]
) -> list[dict[str, Any]]:
    rows = data.get(name)
    if not isinstance(rows, list):
        raise Refusal(Outcome.REFUSED, "malformed", f"The shift has no list of {name}.")
    return [_decoded(table, row, f"{name} {at}", **mine) for at, row in enumerate(rows, start=1)]


def _decoded(table: Any, data: object, where: str, **given: Any) -> dict[str, Any]:
    try:
        return wire.decode(table, data, where=where, **given)
    except MalformedInput as error:
        raise Refusal(Outcome.REFUSED, "malformed", error.sentence) from error
