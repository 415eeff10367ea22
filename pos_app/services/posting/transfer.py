"""Transfers into SAP, the requests they follow, and the closing of requests."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping

from pos_app.domain.posting import PostingState
from pos_app.domain.transfer import RequestState
from pos_app.services.posting.goods import Line, check_lines, comments, picks
from pos_app.services.posting.step import (
    GIVEN_UP,
    AnyStep,
    CannotPlan,
    EarlierAway,
    GivenUp,
    Mismatch,
    Step,
)
from pos_app.services.shop import Shop
from pos_app.store import queue, stock
from pos_app.store import transfer as transfers
from pos_app.store import transfer_request as requests
from sync.sap import goods_documents, taking_back
from sync.sap.client import ServiceLayer
from sync.sap.goods_requests import (
    BaseLine,
    PostedGoods,
    StockTransferRequest,
    TransferKind,
    TransferLine,
)

TRANSFER, TRANSFER_REQUEST = "transfer", "transfer_request"
REQUEST_CLOSE = "transfer_request_close"


@dataclass(frozen=True)
class TransferRequestStep(Step[PostedGoods]):
    """A transfer request: it moves nothing.

    Attributes:
        number: what people know it by.
        given_up: why SAP need not hear of it any more; empty while it is wanted.
    """

    request: StockTransferRequest
    number: str
    given_up: str = ""
    kind = TRANSFER_REQUEST

    @property
    def key(self) -> str:
        """The identity of the document."""
        return self.request.key

    @property
    def set_name(self) -> str:
        """Where SAP keeps it."""
        return self.request.kind

    def find(self, sap: ServiceLayer) -> PostedGoods | None:
        """By its key."""
        return goods_documents.find_transfer(sap, self.request.kind, self.key)

    def check(self, held: PostedGoods) -> None:
        """The very same goods to the very same place (production lesson L11)."""
        lines = self.request.lines
        check_lines(
            self.number,
            held.doc_num,
            wanted=(
                Line.of(line.item_code, line.to_warehouse, line.quantity, line.batches)
                for line in lines
            ),
            found=held.lines,
        )

    def send(self, sap: ServiceLayer) -> PostedGoods:
        """Book it."""
        return goods_documents.post_transfer(sap, self.request)


@dataclass(frozen=True)
class TransferStep(TransferRequestStep):
    """What arrived of a transfer."""

    kind = TRANSFER
    moves_goods = True


@dataclass(frozen=True)
class CloseStep(Step[PostedGoods]):
    """A request of which no more is to come, closed.

    Attributes:
        request_id: the key of the request itself.
        doc_entry: what SAP calls it.
    """

    close_key: str
    request_id: str
    doc_entry: int
    kind = REQUEST_CLOSE

    @property
    def key(self) -> str:
        """The closing's own; the request is known by another."""
        return self.close_key

    def find(self, sap: ServiceLayer) -> PostedGoods | None:
        """The request, once it is closed."""
        found = goods_documents.find_transfer(sap, TransferKind.REQUEST, self.request_id)
        return found if found is not None and found.status == "closed" else None

    def check(self, held: PostedGoods) -> None:
        """It is the request that was to be closed."""
        if held.doc_entry != self.doc_entry:
            raise Mismatch(
                f"SAP shows transfer request {held.doc_num} closed instead of the one with "
                f"DocEntry {self.doc_entry}: compare the two and correct SAP."
            )

    def send(self, sap: ServiceLayer) -> PostedGoods:
        """Close it; believed only when it is read back (production lesson L59)."""
        taking_back.close(sap, TransferKind.REQUEST, self.doc_entry)
        found = self.find(sap)
        if found is None:
            raise Mismatch(f"SAP closed the request with DocEntry {self.doc_entry} and hides it.")
        return found


def plan(shop: Shop, connection: Connection, row: RowMapping) -> tuple[AnyStep, ...]:
    """Read a transfer and say what SAP is asked to book: what arrived, after its request.

    Raises:
        CannotPlan: there is no such transfer.
        EarlierAway: its request is not in SAP yet.
    """
    transfer_id = row["document_id"]
    found = transfers.by_id(connection, transfer_id)
    if found is None:
        raise CannotPlan(f"The books hold no transfer {transfer_id}.")
    entry = _entry_of(connection, found["request_id"]) if found["request_id"] else None
    moves = stock.moves_of(connection, transfer_id)
    lines = [
        TransferLine(
            item_code=line["item"],
            quantity=line["received"],
            from_warehouse=line["from_warehouse"],
            to_warehouse=line["to_warehouse"],
            batches=picks(moves, line=line["line"], warehouse=line["to_warehouse"]),
            base=None if entry is None else BaseLine(entry, line["line"]),
            costing_code=shop.rules.sap.cost_centre or None,
        )
        for line in transfers.lines_of(connection, [transfer_id])
        if line["received"]
    ]
    request = _request(found, TransferKind.TRANSFER, key=row["key"], lines=lines)
    return (TransferStep(request, found["number"]),)


def plan_request(shop: Shop, connection: Connection, row: RowMapping) -> tuple[AnyStep, ...]:
    """Read a transfer request and say what SAP is asked to keep; raises CannotPlan."""
    request_id = row["document_id"]
    found = requests.by_id(connection, request_id)
    if found is None:
        raise CannotPlan(f"The books hold no transfer request {request_id}.")
    lines = [
        TransferLine(
            item_code=line["item"],
            quantity=line["quantity"],
            from_warehouse=line["from_warehouse"],
            to_warehouse=line["to_warehouse"],
            costing_code=shop.rules.sap.cost_centre or None,
        )
        for line in requests.lines_of(connection, [request_id])
    ]
    request = _request(found, TransferKind.REQUEST, key=row["key"], lines=lines)
    is_over = found["state"] in {RequestState.REJECTED, RequestState.CLOSED}
    given_up = GIVEN_UP.format(found["number"], found["state"]) if is_over else ""
    return (TransferRequestStep(request, found["number"], given_up),)


def plan_close(shop: Shop, connection: Connection, row: RowMapping) -> tuple[AnyStep, ...]:
    """Say which request SAP is asked to close; raises EarlierAway, GivenUp where SAP has none."""
    del shop
    if queue.is_out(queue.of_kind(connection, row["document_id"], TRANSFER_REQUEST)):
        raise GivenUp(f"SAP holds nothing to close for {row['reference']}.")
    entry = _entry_of(connection, row["document_id"])
    return (CloseStep(row["key"], row["document_id"], entry),)


def _request(
    row: RowMapping, kind: TransferKind, *, key: str, lines: list[TransferLine]
) -> StockTransferRequest:
    return StockTransferRequest(
        kind=kind,
        key=key,
        doc_date=row["doc_date"],
        due_date=row["due_date"],
        lines=tuple(lines),
        comments=comments(row),
    )


def _entry_of(connection: Connection, request_id: str) -> int:
    """SAP's number of a request.

    Raises:
        EarlierAway: it is not there yet.
        CannotPlan: it never will be.
    """
    queued = queue.of_kind(connection, request_id, TRANSFER_REQUEST)
    if queued is None or queued["state"] == PostingState.CANCELLED.value:
        raise CannotPlan("Its transfer request was never sent to SAP: book it there by hand.")
    posted = queue.results(connection, [queued["queue_id"]], kind=TRANSFER_REQUEST)
    found = posted.get(queued["queue_id"])
    if found is None or found["state"] != "done":
        name = queued["reference"]
        raise EarlierAway(f"Transfer request {name} is not in SAP yet; it goes first.")
    return int(found["doc_entry"])
