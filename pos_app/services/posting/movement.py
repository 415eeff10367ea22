"""Goods issues and receipts into SAP."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping

from pos_app.domain.movement import MovementKind, reason_of
from pos_app.errors import RuleBroken
from pos_app.services.posting.goods import COMMENTS_MOST, Line, check_lines
from pos_app.services.posting.step import AnyStep, CannotPlan, Mismatch, Step
from pos_app.services.shop import Shop
from pos_app.store import batch as batches
from pos_app.store import movement as movements
from pos_app.store import stock
from sync.sap import goods_documents
from sync.sap.client import ServiceLayer
from sync.sap.goods_requests import MovementKind as SapKind
from sync.sap.goods_requests import MovementLine, MovementRequest
from sync.sap.requests import NewBatch, Posted

GOODS_ISSUE, GOODS_RECEIPT = "goods_issue", "goods_receipt"
REFERENCE_MOST = 11
"""Characters SAP takes as the reference of a movement."""


class AccountMissing(RuleBroken):
    """SAP wants an account for the value of goods, and the reason names none."""

    code = "account_missing"

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"Reason {reason} has no account in SAP: give it one in the settings, then try again.",
            reason=reason,
        )


@dataclass(frozen=True)
class IssueStep(Step[Posted]):
    """Goods out for a reason.

    Attributes:
        number: what people know it by.
    """

    request: MovementRequest
    number: str
    kind = GOODS_ISSUE
    moves_goods = True
    is_valued_there = True

    @property
    def key(self) -> str:
        """The identity of the document."""
        return self.request.key

    @property
    def set_name(self) -> str:
        """Where SAP keeps it."""
        return self.request.kind

    def find(self, sap: ServiceLayer) -> Posted | None:
        """By its key."""
        return goods_documents.find_movement(sap, self.request.kind, self.key)

    def check(self, held: Posted) -> None:
        """The same day and the very same goods; it has no partner and no price of ours."""
        if held.doc_date != self.request.doc_date:
            raise Mismatch(
                f"SAP holds document {held.doc_num} of {held.doc_date} under the key of "
                f"{self.number} of {self.request.doc_date}: compare the two and correct SAP."
            )
        check_lines(
            self.number,
            held.doc_num,
            wanted=(
                Line.of(line.item_code, line.warehouse, line.quantity, line.batches)
                for line in self.request.lines
            ),
            found=held.lines,
        )

    def send(self, sap: ServiceLayer) -> Posted:
        """Book it."""
        return goods_documents.post_movement(sap, self.request)


@dataclass(frozen=True)
class ReceiptStep(IssueStep):
    """Goods in for a reason."""

    kind = GOODS_RECEIPT


def plan(shop: Shop, connection: Connection, row: RowMapping) -> tuple[AnyStep, ...]:
    """Read a movement and say what SAP is asked to book.

    Raises:
        CannotPlan: there is no such movement.
        AccountMissing, ReasonUnknown: its reason has no account by today's settings.
    """
    movement_id = row["document_id"]
    found = movements.by_id(connection, movement_id)
    if found is None:
        raise CannotPlan(f"The books hold no goods movement {movement_id}.")
    kind = MovementKind(found["kind"])
    reason = reason_of(shop.rules.stock.reasons, found["reason"], kind=kind)
    if not reason.account:
        raise AccountMissing(reason.code)
    moves = stock.moves_of(connection, movement_id)
    lines = [
        MovementLine(
            item_code=line["item"],
            quantity=line["quantity"],
            warehouse=found["warehouse"],
            account=reason.account,
            unit_price=line["unit_cost"],
            costing_code=shop.rules.sap.cost_centre or None,
            batches=_lots(connection, moves, line["line"], kind),
        )
        for line in movements.lines_of(connection, [movement_id])
    ]
    request = MovementRequest(
        kind=SapKind.ISSUE if kind is MovementKind.ISSUE else SapKind.RECEIPT,
        key=row["key"],
        doc_date=found["doc_date"],
        lines=tuple(lines),
        comments=": ".join(text for text in (reason.name, found["comments"]) if text)[
            :COMMENTS_MOST
        ],
        reference=found["number"][:REFERENCE_MOST],
    )
    step = IssueStep if kind is MovementKind.ISSUE else ReceiptStep
    return (step(request, found["number"]),)


def _lots(
    connection: Connection, moves: list[RowMapping], line: int, kind: MovementKind
) -> tuple[NewBatch, ...]:
    """The batches of a line; those that come in say until when they last."""
    own = [move for move in moves if move["line"] == line and move["batch"]]
    lots = {(move["item"], move["warehouse"], move["batch"]) for move in own}
    dates = batches.expiries(connection, lots) if kind is MovementKind.RECEIPT and lots else {}
    return tuple(
        NewBatch(
            move["batch"],
            abs(move["quantity"]),
            dates.get((move["item"], move["warehouse"], move["batch"])),
        )
        for move in own
    )
