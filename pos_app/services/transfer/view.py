"""Transfers and requests as they are read, with what SAP knows of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Connection, RowMapping

from pos_app.domain.transfer import RequestState, TransferState
from pos_app.errors import RecordNotFound
from pos_app.services import goods
from pos_app.services.goods import Way
from pos_app.services.invoice_view import FIRST_OWN
from pos_app.services.posting.transfer import TRANSFER, TRANSFER_REQUEST
from pos_app.services.shop import Shop
from pos_app.store import queue, stock
from pos_app.store import transfer as transfers
from pos_app.store import transfer_request as requests
from pos_app.store import warehouse as warehouses
from pos_app.store.transfer import Wanted

POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferLine:
    """One line.

    Attributes:
        received: None while it is on its way.
        reason: why less arrived than was sent.
        lots: what was sent of each batch.
    """

    line: int
    item: str
    name: str
    uom: str
    source: str
    target: str
    quantity: Decimal
    received: Decimal | None = None
    reason: str = ""
    lots: tuple[tuple[str, Decimal], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """Goods that were sent.

    Attributes:
        entry: our own number, from `FIRST_OWN` on, for ever.
    """

    id: str
    entry: int
    number: str
    state: TransferState
    program: str
    reference: str
    request_id: str | None
    source: str
    target: str
    doc_date: date
    due_date: date | None
    comments: str
    sent_by: str
    sent_at: datetime
    ended_by: str | None
    ended_at: datetime | None
    way: Way
    lines: tuple[TransferLine, ...]

    @property
    def queue_id(self) -> int | None:
        """Its row in the queue to SAP, where it has one."""
        return self.way.queue_id

    @property
    def doc_entry(self) -> int:
        """SAP's number once it is there, ours until then."""
        return self.way.doc_entry or self.entry

    @property
    def doc_num(self) -> int:
        """SAP's document number once it is there, ours until then."""
        return self.way.doc_num or self.entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Goods that were asked for; numbers as in `Transfer`."""

    id: str
    entry: int
    number: str
    state: RequestState
    program: str
    reference: str
    source: str
    target: str
    doc_date: date
    due_date: date | None
    comments: str
    requester_name: str
    requester_email: str
    requester_branch: int | None
    requester_department: int | None
    created_by: str
    created_at: datetime
    decided_by: str | None
    decision: str
    way: Way
    lines: tuple[TransferLine, ...]

    @property
    def doc_entry(self) -> int:
        """SAP's number once it is there, ours until then."""
        return self.way.doc_entry or self.entry

    @property
    def doc_num(self) -> int:
        """SAP's document number once it is there, ours until then."""
        return self.way.doc_num or self.entry


@dataclass(frozen=True, slots=True)
class TransferPage:
    """Some of the transfers wanted, and how many there are."""

    total: int
    transfers: tuple[Transfer, ...]


@dataclass(frozen=True, slots=True)
class RequestPage:
    """Some of the requests wanted, and how many there are."""

    total: int
    requests: tuple[Request, ...]


def get(shop: Shop, transfer_id: str) -> Transfer:
    """One transfer by its identity; raises RecordNotFound."""
    with shop.store.read() as connection:
        return _transfer(connection, transfers.by_id(connection, transfer_id), transfer_id)


def by_number(shop: Shop, number: int) -> Transfer:
    """One transfer by SAP's DocEntry or our own number; raises RecordNotFound."""
    with shop.store.read() as connection:
        if number > FIRST_OWN:
            row = transfers.by_entry(connection, number - FIRST_OWN)
        else:
            known = queue.document_of(connection, kinds=[TRANSFER], doc_entry=number)
            row = transfers.by_id(connection, known) if known else None
        return _transfer(connection, row, number)


def by_name(shop: Shop, name: str) -> Transfer:
    """One transfer by its readable number or its caller's reference; raises RecordNotFound."""
    with shop.store.read() as connection:
        return _transfer(connection, transfers.by_name(connection, name), name)


def page(
    shop: Shop,
    *,
    warehouse: str | None = None,
    since: date | None = None,
    until: date | None = None,
    offset: int,
    limit: int,
) -> TransferPage:
    """A page of the transfers out of and into a warehouse, from the newest back.

    Raises:
        RecordNotFound: there is no such warehouse.
    """
    wanted = Wanted(warehouse=warehouse, since=since, until=until)
    with shop.store.read() as connection:
        _check_place(connection, wanted)
        total, rows = transfers.page(connection, wanted, offset=offset, limit=limit)
        return TransferPage(total, tuple(_transfers(connection, rows)))


def get_request(shop: Shop, request_id: str) -> Request:
    """One request by its identity; raises RecordNotFound."""
    with shop.store.read() as connection:
        return _request(connection, requests.by_id(connection, request_id), request_id)


def request_by_number(shop: Shop, number: int) -> Request:
    """One request by SAP's DocEntry or our own number; raises RecordNotFound."""
    with shop.store.read() as connection:
        if number > FIRST_OWN:
            row = requests.by_entry(connection, number - FIRST_OWN)
        else:
            known = queue.document_of(connection, kinds=[TRANSFER_REQUEST], doc_entry=number)
            row = requests.by_id(connection, known) if known else None
        return _request(connection, row, number)


def request_page(
    shop: Shop,
    *,
    warehouse: str | None = None,
    states: Collection[RequestState] = (),
    offset: int,
    limit: int,
) -> RequestPage:
    """A page of the requests of a warehouse, from the newest back; raises RecordNotFound."""
    wanted = Wanted(warehouse=warehouse, states=tuple(state.value for state in states))
    with shop.store.read() as connection:
        _check_place(connection, wanted)
        total, rows = requests.page(connection, wanted, offset=offset, limit=limit)
        return RequestPage(total, tuple(_requests(connection, rows)))


def _check_place(connection: Connection, wanted: Wanted) -> None:
    code = wanted.warehouse
    if code is not None and warehouses.by_code(connection, code) is None:
        raise RecordNotFound("warehouse", code)


def _transfer(connection: Connection, row: RowMapping | None, name: object) -> Transfer:
    if row is None:
        raise RecordNotFound("transfer", name)
    return _transfers(connection, [row])[0]


def _request(connection: Connection, row: RowMapping | None, name: object) -> Request:
    if row is None:
        raise RecordNotFound("transfer request", name)
    return _requests(connection, [row])[0]


def _transfers(connection: Connection, rows: Sequence[RowMapping]) -> list[Transfer]:
    ids = [row["id"] for row in rows]
    ways = goods.ways(connection, ids, kinds=[TRANSFER])
    lots = {each: goods.lots_by_line(stock.moves_of(connection, each)) for each in ids}
    lines: dict[str, list[TransferLine]] = {}
    for line in transfers.lines_of(connection, ids):
        sent = lots[line["transfer_id"]].get(line["line"], {})
        own = tuple((lot, quantity) for lot, quantity in sent.items() if lot)
        lines.setdefault(line["transfer_id"], []).append(
            _line(line, received=line["received"], reason=line["reason"], lots=own)
        )
    return [
        Transfer(
            id=row["id"],
            entry=FIRST_OWN + row["entry"],
            number=row["number"],
            state=TransferState(row["state"]),
            program=row["source"],
            reference=row["reference"] or "",
            request_id=row["request_id"],
            source=row["from_warehouse"],
            target=row["to_warehouse"],
            doc_date=row["doc_date"],
            due_date=row["due_date"],
            comments=row["comments"],
            sent_by=row["sent_by"],
            sent_at=row["sent_at"],
            ended_by=row["ended_by"],
            ended_at=row["ended_at"],
            way=ways.get(row["id"], Way()),
            lines=tuple(lines.get(row["id"], ())),
        )
        for row in rows
    ]


def _requests(connection: Connection, rows: Sequence[RowMapping]) -> list[Request]:
    ids = [row["id"] for row in rows]
    ways = goods.ways(connection, ids, kinds=[TRANSFER_REQUEST])
    lines: dict[str, list[TransferLine]] = {}
    for line in requests.lines_of(connection, ids):
        lines.setdefault(line["request_id"], []).append(_line(line))
    return [
        Request(
            id=row["id"],
            entry=FIRST_OWN + row["entry"],
            number=row["number"],
            state=RequestState(row["state"]),
            program=row["source"],
            reference=row["reference"] or "",
            source=row["from_warehouse"],
            target=row["to_warehouse"],
            doc_date=row["doc_date"],
            due_date=row["due_date"],
            comments=row["comments"],
            requester_name=row["requester_name"],
            requester_email=row["requester_email"],
            requester_branch=row["requester_branch"],
            requester_department=row["requester_department"],
            created_by=row["created_by"],
            created_at=row["created_at"],
            decided_by=row["decided_by"],
            decision=row["decision"],
            way=ways.get(row["id"], Way()),
            lines=tuple(lines.get(row["id"], ())),
        )
        for row in rows
    ]


def _line(
    line: RowMapping,
    *,
    received: Decimal | None = None,
    reason: str = "",
    lots: tuple[tuple[str, Decimal], ...] = (),
) -> TransferLine:
    return TransferLine(
        line=line["line"],
        item=line["item"],
        name=line["name"],
        uom=line["uom"],
        source=line["from_warehouse"],
        target=line["to_warehouse"],
        quantity=line["quantity"],
        received=received,
        reason=reason,
        lots=lots,
    )
