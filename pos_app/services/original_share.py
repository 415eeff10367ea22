"""A receipt of one till for another: told by the server with what came back of it already."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from sqlalchemy import Connection

from pos_app.domain.fiscal import FiscalState
from pos_app.domain.note import NotAnOriginal, OriginalNotFiled
from pos_app.domain.permission import Actor, Permission, require, require_till
from pos_app.domain.quantity import to_micro
from pos_app.errors import PosError, RuleBroken, Unavailable
from pos_app.services import original
from pos_app.services.original import WEIGHT_DECIMALS, Original, ReceiptElsewhere
from pos_app.services.shop import Shop
from pos_app.store import fiscal as journal
from pos_app.store import item as items
from pos_app.store import original as originals
from pos_app.store import sale as sales
from pos_app.store import stock, wire
from sync.errors import SyncError

SERVER = "server"


class OriginalRefused(RuleBroken):
    """The server knows the receipt and lets no note be made of it now."""

    code = "original_refused"


class ServerNeeded(Unavailable):
    """Only the server knows what is left of a receipt that was sold elsewhere."""

    code = "server_needed"

    def __init__(self, receipt: str, why: str) -> None:
        super().__init__(
            f"Receipt {receipt} was sold elsewhere and the server, which alone knows what is left "
            "of it, does not answer: try again when it does.",
            receipt=receipt,
            reason=why,
        )


class Receipts(Protocol):
    """Where a till asks for receipts it has not sold: `sync.http.HttpRemote`."""

    def receipt(self, number: str) -> Mapping[str, Any]:
        """What `tell` says of a receipt; raises a SyncError where there is no answer."""
        ...


def tell(shop: Shop, actor: Actor, number: str) -> dict[str, Any]:
    """On the server: a till's receipt with all notes that have arrived.

    Returns:
        ``original``: the row for `pos_app.store.original`, or None; ``why``: a sentence where
        there is none to be had although the receipt is known, else empty.

    Raises:
        TillKeyNeeded: no till asks.
    """
    require_till(actor, actor.till)
    with shop.store.read() as connection:
        sale = sales.by_receipt(connection, number)
        if sale is None:
            return {"original": None, "why": ""}
        try:
            return {"original": _row(connection, dict(sale)), "why": ""}
        except PosError as error:
            return {"original": None, "why": error.sentence}


def show(shop: Shop, actor: Actor, server: Receipts | None, number: str) -> Original:
    """A receipt as notes see it, wherever it was sold; raises as `fetch` and `original.show`."""
    require(actor, Permission.REFUND_MAKE)
    know(shop, actor, server, number)
    return original.show(shop, number)


def know(shop: Shop, actor: Actor, server: Receipts | None, number: str) -> None:
    """On a till: see to it that a receipt is known, and what is left of it as of now.

    Its own, and those entered from their paper, it knows best itself. Raises as `fetch`.
    """
    with shop.store.read() as connection:
        if sales.by_receipt(connection, number) is not None:
            return
        known = originals.by_number(connection, number)
    if known is None or known["source"] == SERVER:
        fetch(shop, actor, server, number)


def fetch(shop: Shop, actor: Actor, server: Receipts | None, number: str) -> None:
    """On a till: keep what the server tells of a receipt that was sold elsewhere.

    Raises:
        ReceiptElsewhere: the server does not know it either, or there is no server.
        OriginalRefused: no note can be made of it now.
        ServerNeeded: the server cannot be asked.
    """
    if server is None:
        raise ReceiptElsewhere(number)
    try:
        told = server.receipt(number)
    except SyncError as error:
        raise ServerNeeded(number, str(error)) from error
    if told.get("why"):
        raise OriginalRefused(str(told["why"]))
    if told.get("original") is None:
        raise ReceiptElsewhere(number)
    given = {"source": SERVER, "username": actor.username, "changed_at": shop.clock.now()}
    row = wire.decode(originals.originals, told["original"], where="The receipt", **given)
    with shop.store.write() as connection:
        originals.put(connection, row)


def _row(connection: Connection, sale: Mapping[str, Any]) -> dict[str, Any]:
    if sale["kind"] != "invoice":
        raise NotAnOriginal(sale["receipt"])
    filed = journal.by_sale(connection, sale["id"])
    state = FiscalState(filed["state"]) if filed is not None else None
    if filed is None or state is not FiscalState.FISCALISED:
        raise OriginalNotFiled(sale["receipt"], state)
    rate = sale["rate"]
    return {
        "id": sale["id"],
        "number": filed["number"],
        "device_id": filed["device_id"] or "",
        "device_serial": filed["device_serial"] or "",
        "receipt_global_no": filed["receipt_global_no"] or 0,
        "fiscal_day": filed["fiscal_day"] or 0,
        "filed_at": filed["filed_at"] or "",
        "business_date": sale["business_date"].isoformat(),
        "partner": sale["partner"],
        "partner_name": sale["partner_name"],
        "currency": sale["currency"],
        "rate": None if rate is None else to_micro(rate),
        "total": sale["total"],
        "lines": _lines(connection, sale["id"]),
        "notes": _notes(connection, sale["id"]),
    }


def _lines(connection: Connection, sale_id: str) -> list[dict[str, Any]]:
    lines = sales.lines_of(connection, sale_id)
    known = items.find_by_codes(connection, {line["item"] for line in lines})
    moves = stock.moves_of(connection, sale_id)
    copied = ("line", "item", "name", "uom", "gross", "tax_group", "hs_code")
    return [
        {name: line[name] for name in (*copied, "price_list", "price_rule")}
        | {
            "decimals": known[line["item"]].decimals if line["item"] in known else WEIGHT_DECIMALS,
            "quantity": to_micro(line["quantity"]),
            "unit_price": to_micro(line["unit_price"]),
            "discount_percent": to_micro(line["discount_percent"]),
            "tax_percent": None if line["tax_percent"] is None else to_micro(line["tax_percent"]),
            "batches": [
                [move["batch"], to_micro(-move["quantity"])]
                for move in moves
                if move["line"] == line["line"] and move["batch"]
            ],
        }
        for line in lines
    ]


def _notes(connection: Connection, sale_id: str) -> list[dict[str, Any]]:
    """Every note that is here, so that a till can tell its own from those of others."""
    lines = sales.note_lines_of(connection, sale_id)
    return [
        {
            "id": note["id"],
            "total": note["total"],
            "lines": [
                {
                    "original_line": line["original_line"],
                    "quantity": to_micro(line["quantity"]),
                    "gross": line["gross"],
                }
                for line in lines
                if line["sale_id"] == note["id"]
            ],
        }
        for note in sales.notes_of(connection, sale_id)
    ]
