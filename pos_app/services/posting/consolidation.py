"""A list of receipts into SAP: one invoice of all of them, then their payments, account by account.

The goods of the receipts leave SAP's stock with it, in the very batches they were sold from.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import zip_longest
from typing import Any

from sqlalchemy import Connection, RowMapping

from pos_app.domain.consolidation import Amount, Group, Paid, identity, pieces, shared
from pos_app.domain.hub import HubCall
from pos_app.domain.money import Money, half_up
from pos_app.domain.posting import PostingState
from pos_app.domain.tender import SapMeans
from pos_app.services import hub, sap_access
from pos_app.services.consolidation.collect import gross_by_group, paid_of
from pos_app.services.posting.account import account_of, code_of, rate_of, shown_code
from pos_app.services.posting.money_step import PaymentStep
from pos_app.services.posting.sale import INVOICE, InvoiceStep
from pos_app.services.posting.step import AnyStep, CannotPlan, Mismatch
from pos_app.services.posting.told import Told, light_sale
from pos_app.services.shop import Shop
from pos_app.store import consolidation as lists
from pos_app.store import posting_claim, queue, setting
from pos_app.store import sale as sales
from sync.sap.requests import (
    BatchPick,
    Cash,
    InvoiceLine,
    InvoiceRequest,
    PaymentRequest,
    Transfer,
)

CONSOLIDATION, PART = "consolidation", "consolidated"
"""A list on its way to SAP; the part of a receipt that is in the invoice of one."""

LineKey = tuple[str, str, Decimal, Decimal]
"""Lines alike in item, warehouse, unit price and discount are one line in SAP."""


@dataclass(frozen=True, slots=True)
class Tendered:
    """A part of a tender that pays a part of a receipt."""

    row: RowMapping
    paid: Paid


def group_of(made: Mapping[str, Any]) -> Group:
    """What the members of a stored list share."""
    return Group(
        day=made["business_date"],
        partner=made["partner"],
        currency=made["currency"],
        rate=made["rate"],
        tax_group=made["tax_group"],
    )


def plan(shop: Shop, connection: Connection, row: RowMapping) -> tuple[AnyStep, ...]:
    """Read a list and say what SAP is asked to book.

    Raises:
        CannotPlan: there is no such list.
        Mismatch: it is not the list it was when it was made.
        UnmappedTender, UnmappedCurrency: SAP has no account or code for it.
    """
    made = lists.by_id(connection, row["document_id"])
    if made is None:
        raise CannotPlan(f"The books hold no list {row['document_id']}.")
    members = lists.members_of(connection, made["id"])
    check(made, members)
    lines, moves = lists.lines_of(connection, made["id"]), lists.moves_of(connection, made["id"])
    invoice = InvoiceRequest(
        key=row["key"],
        card_code=made["partner"],
        doc_date=made["business_date"],
        num_at_card=made["reference"],
        currency=code_of(shop, made["currency"]),
        rate=rate_of(shop, made, made["currency"]),
        comments=f"POS {len(members)} receipts, {_span(members)}"[:254],
        series=sap_access.series(connection),
        lines=tuple(_lines(shop, lines, moves, made["currency"])),
    )
    payments = [
        PaymentStep(payment, shown_code(shop, payment.currency), pays=INVOICE)
        for payment in _payments(shop, connection, made, members)
    ]
    goods = tuple(sorted({(line["sale_id"], line["line"]) for line in lines}))
    return InvoiceStep(invoice, Money(made["total"], made["currency"]), goods), *payments


def check(made: Mapping[str, Any], members: Sequence[RowMapping]) -> None:
    """Send nothing of a list somebody has changed: its identity is made of its members."""
    is_whole = identity(group_of(made), (row["sale_id"] for row in members)) == made["id"]
    if not is_whole or sum(row["gross"] for row in members) != made["total"]:
        raise Mismatch(
            f"List {made['reference']} was made of {made['members']} receipts and holds "
            f"{len(members)}, or others, by now: run pos check --server and restore the list."
        )


def _span(members: Sequence[RowMapping]) -> str:
    return f"{members[0]['receipt']} to {members[-1]['receipt']}"


def places_in(connection: Connection, list_id: str, sale_id: str) -> dict[int, int]:
    """The line of the list's invoice, as SAP counts, that each line of a receipt is part of."""
    numbers: dict[LineKey, int] = {}
    found: dict[int, int] = {}
    for line in lists.lines_of(connection, list_id):
        place = numbers.setdefault(_key(line), len(numbers))
        if line["sale_id"] == sale_id:
            found[line["line"]] = place
    return found


def _key(line: RowMapping) -> LineKey:
    return line["item"], line["warehouse"], line["unit_price"], line["discount_percent"]


def _lines(
    shop: Shop, lines: Sequence[RowMapping], moves: Sequence[RowMapping], currency: str
) -> Iterator[InvoiceLine]:
    """The lines of all receipts, those that are alike as one; to the cent what they come to."""
    lots: defaultdict[tuple[str, int], dict[str, Decimal]] = defaultdict(dict)
    for move in moves:
        if move["batch"]:
            mine = lots[move["document_id"], move["line"]]
            mine[move["batch"]] = mine.get(move["batch"], Decimal(0)) - move["quantity"]
    alike: defaultdict[LineKey, list[RowMapping]] = defaultdict(list)
    for line in lines:
        alike[_key(line)].append(line)
    for (item, warehouse, _price, _discount), rows in alike.items():
        gross = Money(sum(row["gross"] for row in rows), currency).amount
        quantity = sum((row["quantity"] for row in rows), Decimal(0))
        picked: defaultdict[str, Decimal] = defaultdict(Decimal)
        for row in rows:
            for lot, taken in lots[row["sale_id"], row["line"]].items():
                picked[lot] += taken
        yield InvoiceLine(
            item_code=item,
            quantity=quantity,
            price_after_vat=half_up(gross / quantity, 6),
            gross_total=gross,
            warehouse=warehouse,
            vat_group=rows[0]["tax_group"],
            costing_code=shop.rules.sap.cost_centre or None,
            batches=tuple(BatchPick(lot, taken) for lot, taken in picked.items()),
        )


def tendered(
    connection: Connection, made: Mapping[str, Any], members: Sequence[RowMapping]
) -> list[Tendered]:
    """The parts of its receipts' tenders that pay a list: together its total, to the cent.

    Money of another currency is shared out first, so that a part below a cent of it is rare.
    """
    rows: defaultdict[str, list[RowMapping]] = defaultdict(list)
    for row in lists.tenders_of(connection, made["id"]):
        rows[row["sale_id"]].append(row)
    found: list[Tendered] = []
    for member in members:
        foreign_first = sorted(
            rows[member["sale_id"]], key=lambda row: row["currency"] == made["currency"]
        )
        mine = {row["line"]: row for row in foreign_first}
        parts = shared(gross_by_group(member["taxes"]), paid_of(list(mine.values())))
        found += [Tendered(mine[part.line], part) for part in parts[made["tax_group"]]]
    return found


def _payments(
    shop: Shop, connection: Connection, made: Mapping[str, Any], members: Sequence[RowMapping]
) -> Iterator[PaymentRequest]:
    """Cash and transfers of one currency side by side, account by account, as for one receipt."""
    by_account: defaultdict[tuple[str, bool, str], list[Tendered]] = defaultdict(list)
    for part in tendered(connection, made, members):
        is_cash = shop.rules.tender_type(part.row["type"]).sap_means == SapMeans.CASH
        account = account_of(shop, part.row["type"], part.row["currency"])
        by_account[part.row["currency"], is_cash, account].append(part)
    found: defaultdict[str, dict[bool, list[_Piece]]] = defaultdict(lambda: {True: [], False: []})
    for (currency, is_cash, account), parts in sorted(by_account.items()):
        found[currency][is_cash] += _pieces(made, currency, account, parts)
    for currency, means in found.items():
        for number, (cash, transfer) in enumerate(_paired(made, currency, means), start=1):
            yield _payment(shop, made, f"{currency}{number}", cash=cash, transfer=transfer)


@dataclass(frozen=True, slots=True)
class _Piece:
    """Money that goes to one account with one payment."""

    account: str
    parts: Sequence[Tendered]

    @property
    def settled(self) -> int:
        return sum(part.paid.settled for part in self.parts)


def _pieces(
    made: Mapping[str, Any], currency: str, account: str, parts: Sequence[Tendered]
) -> list[_Piece]:
    """One payment for all, or several where money of another currency would miss by cents."""
    cut = [list(range(len(parts)))]
    if currency != made["currency"]:
        amounts = [
            Amount(
                received=_in_dollars(made, Money(part.paid.settled, currency)),
                pays=_in_dollars(made, Money(part.paid.in_document, made["currency"])),
            )
            for part in parts
        ]
        cut = pieces(amounts)
    return [_Piece(account, [parts[at] for at in one]) for one in cut]


def _paired(
    made: Mapping[str, Any], currency: str, means: Mapping[bool, Sequence[_Piece]]
) -> Iterator[tuple[_Piece | None, _Piece | None]]:
    """A payment of SAP has an account for cash and one for transfers.

    Two amounts that were each rounded to another currency do not share one.
    """
    if currency == made["currency"]:
        yield from zip_longest(means[True], means[False])
        return
    yield from ((piece, None) for piece in means[True])
    yield from ((None, piece) for piece in means[False])


def _in_dollars(made: Mapping[str, Any], amount: Money) -> Decimal:
    """Comparable amounts; the rate is so many ZIG for one USD."""
    rate: Decimal | None = made["rate"]
    return amount.amount if amount.currency == "USD" or rate is None else amount.amount / rate


def _payment(
    shop: Shop, made: Mapping[str, Any], name: str, *, cash: _Piece | None, transfer: _Piece | None
) -> PaymentRequest:
    pieces = [piece for piece in (cash, transfer) if piece is not None]
    currency = name[:3]
    applied = sum(part.paid.in_document for piece in pieces for part in piece.parts)
    return PaymentRequest(
        reference=f"{made['reference']}-{name}",
        card_code=made["partner"],
        doc_date=made["business_date"],
        invoice_entry=0,
        invoice_currency=code_of(shop, made["currency"]),
        applied=Money(applied, made["currency"]).amount,
        currency=code_of(shop, currency),
        rate=rate_of(shop, made, currency),
        cash=Cash(cash.account, Money(cash.settled, currency).amount) if cash else None,
        transfer=Transfer(transfer.account, Money(transfer.settled, currency).amount)
        if transfer
        else None,
    )


def tell(shop: Shop, connection: Connection, row: RowMapping, told: Told) -> None:
    """Say on each receipt of a list how far it has come; done once all its lists are in SAP.

    A list that was taken out after its invoice was booked changes nothing about its receipts: what
    is in SAP is in SAP.
    """
    members = lists.member_rows(connection, row["document_id"])
    state = (queue.by_id(connection, row["queue_id"]) or row)["state"]
    _call(shop, connection, row["document_id"])
    is_booked = state == PostingState.CANCELLED and told.doc_entry is not None
    if state == PostingState.COMPLETED or is_booked:
        _end(shop, connection, row, members, replace(told, lamp="done", reason=""))
        return
    if state != row["state"] == PostingState.CANCELLED:
        lists.enlist_again(connection, row["document_id"])
    reason = f"Part of {row['reference']}: {told.reason}"
    if state == PostingState.CANCELLED:
        ended = {"state": state, "ended_at": shop.clock.now(), "reason": reason}
        lists.end_members(connection, [member["document_id"] for member in members], ended)
    known = sales.status_of(connection, [members[0]["document_id"]]) if members else {}
    if {(status["in_sap"], status["reason"]) for status in known.values()} != {(told.lamp, reason)}:
        for member in members:
            light_sale(shop, connection, member["document_id"], replace(told, reason=reason))


ON_ITS_WAY = (PostingState.PENDING, PostingState.PROCESSING)
TURN = "consolidation:told"


def _call(shop: Shop, connection: Connection, list_id: str) -> None:
    """Let whoever is connected know that nothing of a day is on its way any more.

    Of two lists that end at once the second waits here, so that one of them is the last.
    """
    setting.next_number(connection, TURN)
    made = lists.by_id(connection, list_id)
    rows = lists.of_day(connection, made["business_date"]) if made else []
    if made is None or any(row["state"] in ON_ITS_WAY for row in rows):
        return
    done = sum(row["state"] == PostingState.COMPLETED for row in rows)
    data = {
        "consolidationDate": made["business_date"].isoformat(),
        "totalSales": lists.count_of_day(connection, made["business_date"]),
        "successCount": done,
        "failCount": len(rows) - done,
    }
    hub.call(shop, connection, HubCall.CONSOLIDATION_COMPLETED, data)


def _end(
    shop: Shop,
    connection: Connection,
    row: RowMapping,
    members: Sequence[RowMapping],
    told: Told,
) -> None:
    now = shop.clock.now()
    made = lists.by_id(connection, row["document_id"])
    tax_group = made["tax_group"] if made else ""
    # Two lists with a receipt in common may end at once: the second sees what the first wrote.
    lists.hold_members(connection, row["document_id"])
    known = posting_claim.steps_many(connection, [member["queue_id"] for member in members])
    parted = lists.parted(connection, row["document_id"], part=PART)
    fresh = [member for member in members if member["queue_id"] not in parted]
    posting_claim.add_steps(
        connection,
        [
            {
                "queue_id": member["queue_id"],
                "step": known.get(member["queue_id"], 0) + 1,
                "kind": PART,
                "key": f"{member['document_id']}:{tax_group}",
                "state": "done",
                "request": {},
                "sent_at": now,
                "done_at": now,
                "doc_entry": told.doc_entry,
                "doc_num": told.doc_num,
                "adopted": 0,
            }
            for member in fresh
        ],
    )
    away = lists.unfinished(connection, row["document_id"])
    ended = [member["document_id"] for member in members if member["document_id"] not in away]
    values = {"state": PostingState.COMPLETED.value, "ended_at": now, "reason": ""}
    lists.end_members(connection, ended, values)
    for sale_id in ended:
        light_sale(shop, connection, sale_id, told)
