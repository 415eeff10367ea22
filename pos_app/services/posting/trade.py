"""Quotations and sales orders into SAP, and the end of those that promise nothing any more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, RowMapping

from pos_app.domain.money import Money, half_up
from pos_app.domain.posting import PostingState
from pos_app.domain.trade import TradeKind, TradeState, is_given_up, is_promise_over
from pos_app.services.posting.account import code_of, rate_of
from pos_app.services.posting.queueing import Queueing, enqueue
from pos_app.services.posting.step import (
    GIVEN_UP,
    AnyStep,
    CannotPlan,
    EarlierAway,
    Mismatch,
    Step,
)
from pos_app.services.shop import Shop
from pos_app.store import posting, posting_claim
from pos_app.store import sale as sales
from pos_app.store import trade as trades
from sync.sap import goods_documents, taking_back
from sync.sap.client import ServiceLayer
from sync.sap.goods_requests import BaseLine, OrderKind, OrderLine, OrderRequest
from sync.sap.requests import Posted

QUOTATION, SALES_ORDER, END = "quotation", "sales_order", "trade_end"
FOLLOWS = "follows"
"""Under this word the step of an invoice remembers which order of SAP it was sent on."""

ENDING = ":end"
"""Behind the key of a promise it is the key of its end."""

SETS = {QUOTATION: OrderKind.QUOTATION, SALES_ORDER: OrderKind.ORDER}
ON_ITS_WAY = frozenset(
    {PostingState.PENDING.value, PostingState.PROCESSING.value, PostingState.FAILED.value}
)


UNHEARD: Mapping[str, Any] = {"in_sap": "", "sap_key": None, "sap_reason": ""}
"""What a quotation or order says of which SAP holds nothing."""


@dataclass(frozen=True)
class PromiseStep(Step[Posted]):
    """The quotation or sales order.

    Attributes:
        total: what it comes to; SAP's is the same to the cent.
        given_up: why SAP need not hear of it any more; empty while it is wanted.
    """

    request: OrderRequest
    total: Money
    given_up: str = ""

    @property
    def key(self) -> str:
        """Its identity, with a mark where it is promised again."""
        return self.request.key

    @property
    def set_name(self) -> str:
        """Where SAP keeps it."""
        return self.request.kind

    def find(self, sap: ServiceLayer) -> Posted | None:
        """By its key."""
        return goods_documents.find_order(sap, self.request.kind, self.key)

    def check(self, held: Posted) -> None:
        """The same customer's and the same to the cent (production lesson L11)."""
        wanted = self.request
        total = held.doc_total if wanted.currency is None else held.doc_total_fc
        is_ours = held.card_code == wanted.card_code
        if not is_ours or Money.of(total, self.total.currency) != self.total:
            raise Mismatch(
                f"SAP holds {self.kind} {held.doc_num} for {held.card_code} over {total} under "
                f"the key of {wanted.num_at_card} for {wanted.card_code} over {self.total}: "
                "compare the two and correct SAP."
            )

    def send(self, sap: ServiceLayer) -> Posted:
        """Book it."""
        return goods_documents.post_order(sap, self.request)


@dataclass(frozen=True)
class QuotationStep(PromiseStep):
    """The quotation."""

    kind = QUOTATION


@dataclass(frozen=True)
class OrderStep(PromiseStep):
    """The sales order, on its quotation where SAP holds that open."""

    kind = SALES_ORDER

    def prepared(self, sap: ServiceLayer) -> OrderStep:
        """Alone where the quotation has been closed meanwhile."""
        wanted = {line.base: line.quantity for line in self.request.lines if line.base is not None}
        if not wanted or leaves_enough(sap, OrderKind.QUOTATION, wanted):
            return self
        lines = tuple(replace(line, base=None) for line in self.request.lines)
        return replace(self, request=replace(self.request, lines=lines))


@dataclass(frozen=True)
class EndStep(Step[Posted]):
    """A quotation or order that is cancelled in SAP, or closed where some of it was delivered."""

    of: OrderKind
    entry: int
    ended_key: str
    was_used: bool
    kind = END

    @property
    def key(self) -> str:
        """That of what it ends, with a mark."""
        return self.ended_key

    def find(self, sap: ServiceLayer) -> Posted | None:
        """The document, once SAP shows it closed or cancelled."""
        found = goods_documents.get_order(sap, self.of, self.entry)
        if found is None:
            raise Mismatch(f"SAP has no {self.of.value} {self.entry} any more: look at it.")
        return found if found.cancelled or found.status == "closed" else None

    def check(self, held: Posted) -> None:
        """It was found by its entry."""

    def send(self, sap: ServiceLayer) -> Posted:
        """Cancel or close it, and read it back."""
        act = taking_back.close if self.was_used else taking_back.cancel
        act(sap, self.of.value, self.entry)
        found = goods_documents.get_order(sap, self.of, self.entry)
        if found is None:
            raise Mismatch(f"SAP has no {self.of.value} {self.entry} any more: look at it.")
        return found


def leaves_enough(sap: ServiceLayer, kind: OrderKind, wanted: Mapping[BaseLine, Decimal]) -> bool:
    """Whether SAP still expects that much of each line of the document others follow."""
    for entry in {base.entry for base in wanted}:
        lines = goods_documents.document_lines(sap, kind, entry) or ()
        left = {line.line: line.open_quantity for line in lines if line.is_open}
        for base, quantity in wanted.items():
            if base.entry == entry and left.get(base.line, Decimal(0)) < quantity:
                return False
    return True


def plan(shop: Shop, connection: Connection, row: RowMapping) -> tuple[AnyStep, ...]:
    """Read a quotation or order and say what SAP is asked to book.

    Raises:
        CannotPlan: there is none.
        EarlierAway: the quotation it was made from is on its way and goes first.
        UnmappedCurrency: SAP has no code for it.
    """
    trade = trades.ever(connection, row["document_id"])
    if trade is None:
        raise CannotPlan(f"The books hold no {row['kind']} {row['document_id']}.")
    kind = TradeKind(trade["kind"])
    base = entry_of(connection, trade["base_id"]) if trade["base_id"] else None
    request = OrderRequest(
        kind=SETS[kind.value],
        key=row["key"],
        card_code=trade["partner"],
        doc_date=trade["doc_date"],
        due_date=max(trade["due_date"] or trade["doc_date"], trade["doc_date"]),
        num_at_card=trade["number"],
        currency=code_of(shop, trade["currency"]),
        rate=rate_of(shop, dict(trade), trade["currency"]),
        comments=_comments(trade),
        lines=tuple(
            _line(shop, trade, line, base) for line in trades.lines_of(connection, [trade["id"]])
        ),
    )
    step = QuotationStep if kind is TradeKind.QUOTATION else OrderStep
    is_over = is_given_up(kind, TradeState(trade["state"]))
    given_up = GIVEN_UP.format(trade["number"], trade["state"]) if is_over else ""
    return (step(request, Money(trade["total"], trade["currency"]), given_up),)


def plan_end(shop: Shop, connection: Connection, row: RowMapping) -> tuple[AnyStep, ...]:
    """Say what in SAP promises nothing any more.

    Raises:
        CannotPlan: SAP was never told of it.
        EarlierAway: an invoice of it is on its way and goes first.
    """
    del shop
    key = row["key"].removesuffix(ENDING)
    promise = posting.by_key(connection, key)
    if promise is None or promise["state"] != PostingState.COMPLETED.value:
        raise CannotPlan(f"SAP holds no {row['reference']}: cancel this row.")
    taken = trades.invoices_of(connection, [row["document_id"]]).get(row["document_id"], [])
    for status in sales.status_of(connection, taken).values():
        if status["in_sap"] in {"pending", "unknown"}:
            raise EarlierAway(f"An invoice of {row['reference']} is on its way; it goes first.")
    step = posting_claim.steps_of(connection, promise["queue_id"])[0]
    was_used = bool(taken)
    return (EndStep(SETS[promise["kind"]], step["doc_entry"], row["key"], was_used),)


def entry_of(connection: Connection, trade_id: str) -> int | None:
    """What SAP calls a quotation or order that something follows; None where it cannot be a base.

    Raises:
        EarlierAway: it is on its way and nothing holds it up: it goes first.
    """
    trade = trades.by_id(connection, trade_id)
    if trade is None or trade["sap_key"] is None:
        return None
    promise = posting.by_key(connection, trade["sap_key"])
    if promise is None:
        return None
    if promise["state"] in ON_ITS_WAY and not promise["waits_for"]:
        raise EarlierAway(f"{trade['number']} is not in SAP yet; it goes first.")
    return None if trade["doc_entry"] is None else int(trade["doc_entry"])


def tell(shop: Shop, connection: Connection, row: RowMapping, *, lamp: str, **known: Any) -> None:
    """Write on a quotation or order how far it has come; one that is over by now is ended there."""
    # Kept from whoever gives it up at this moment: one of the two has to see the other.
    trade = trades.ever(connection, row["document_id"], is_held=True)
    if trade is None or trade["sap_key"] != row["key"]:
        return
    trades.book(connection, row["document_id"], {"in_sap": lamp} | known if lamp else UNHEARD)
    if lamp == "done" and is_promise_over(TradeKind(trade["kind"]), TradeState(trade["state"])):
        end(shop, connection, dict(trade))


def end(shop: Shop, connection: Connection, trade: Mapping[str, Any]) -> None:
    """Queue the end of what SAP holds; what is still on its way is ended once it is there."""
    key = trade["sap_key"]
    promise = posting.by_key(connection, key)
    is_there = promise is not None and promise["state"] == PostingState.COMPLETED.value
    if is_there and posting.by_key(connection, key + ENDING) is None:
        by = trade["approved_by"] or trade["created_by"]
        enqueue(shop, connection, queueing(trade, kind=END, key=key + ENDING, by=by))


def queueing(trade: Mapping[str, Any], *, kind: str, key: str, by: str) -> Queueing:
    """A quotation or order, or the end of one, on its way."""
    return Queueing(
        kind=kind,
        document_id=trade["id"],
        reference=trade["number"],
        source="API",
        partner=trade["partner"],
        total=Money(trade["total"], trade["currency"]),
        created_by=by,
        key=key,
    )


def _line(shop: Shop, trade: RowMapping, line: RowMapping, base: int | None) -> OrderLine:
    gross = Money(line["gross"], trade["currency"]).amount
    return OrderLine(
        item_code=line["item"],
        quantity=line["quantity"],
        warehouse=line["warehouse"],
        vat_group=line["tax_group"],
        price_after_vat=half_up(gross / line["quantity"], 6),
        gross_total=gross,
        costing_code=shop.rules.sap.cost_centre or None,
        base=None if base is None else BaseLine(base, line["line"] - 1),
    )


def _comments(trade: RowMapping) -> str:
    return f"{trade['comments']} (POS {trade['number']})".strip()[:254]
