"""Between our routes of the stock room and our own words."""

from __future__ import annotations

from decimal import Decimal

from pos_app.api.shopinventory.schemas.stockroom import (
    CountDto,
    CountedLineDto,
    CountedQuestion,
    MovedLotDto,
    MovementDto,
    MovementLineDto,
    MovementQuestion,
    ReasonDto,
)
from pos_app.domain.movement import MovementKind, Reason
from pos_app.services.count import Entered
from pos_app.services.count_view import Count
from pos_app.services.movement import Asked, Line, NewLot
from pos_app.services.movement_view import Movement


def asked(question: MovementQuestion, kind: MovementKind) -> Asked:
    """Goods that are to leave or come in."""
    is_issue = kind is MovementKind.ISSUE
    return Asked(
        kind=kind,
        warehouse=question.warehouse_code,
        reason=question.reason,
        doc_date=question.doc_date,
        comments=question.comments or "",
        reference=question.external_reference or "",
        lines=tuple(
            Line(
                item=line.item_code,
                quantity=line.quantity,
                unit_cost=None if is_issue else line.unit_cost,
                batches=tuple((lot.batch_number, lot.quantity) for lot in line.batch_numbers or ())
                if is_issue
                else (),
                lots=()
                if is_issue
                else tuple(
                    NewLot(batch=lot.batch_number, quantity=lot.quantity, expiry=lot.expiry_date)
                    for lot in line.batch_numbers or ()
                ),
            )
            for line in question.lines
        ),
    )


def movement(found: Movement) -> MovementDto:
    """A movement as callers see it."""
    return MovementDto(
        id=found.entry,
        number=found.number,
        kind=found.kind.value,
        doc_entry=found.doc_entry,
        sap_doc_entry=found.way.doc_entry,
        sap_doc_num=found.way.doc_num,
        sap_status=found.way.state or None,
        last_error=found.way.reason or None,
        doc_date=found.doc_date,
        warehouse_code=found.warehouse,
        reason=found.reason,
        comments=found.comments or None,
        external_reference=found.reference or None,
        created_by=found.created_by,
        created_at=found.created_at,
        lines=[
            MovementLineDto(
                line_num=line.line,
                item_code=line.item,
                item_description=line.name,
                quantity=line.quantity,
                unit_cost=line.unit_cost,
                uom_code=line.uom,
                batch_numbers=[_lot(lot, quantity) for lot, quantity in line.lots],
            )
            for line in found.lines
        ],
    )


def reason(found: Reason) -> ReasonDto:
    """A reason as callers see it."""
    return ReasonDto(code=found.code, name=found.name, has_account=bool(found.account))


def entered(question: CountedQuestion) -> list[Entered]:
    """What somebody counted."""
    return [
        Entered(item=line.item_code, batch=line.batch_number or "", counted=line.quantity)
        for line in question.lines
    ]


def count(found: Count) -> CountDto:
    """A count as callers see it."""
    return CountDto(
        id=found.entry,
        number=found.number,
        status=found.state.value,
        warehouse_code=found.warehouse,
        is_blind=found.is_blind,
        comments=found.comments or None,
        created_by=found.created_by,
        created_at=found.created_at,
        counted_at=found.counted_at,
        ended_by=found.ended_by,
        ended_at=found.ended_at,
        sap_doc_entry=found.way.doc_entry,
        sap_doc_num=found.way.doc_num,
        sap_status=found.way.state or None,
        last_error=found.way.reason or None,
        lines=[
            CountedLineDto(
                item_code=line.item,
                item_description=line.name,
                batch_number=line.batch or None,
                uom_code=line.uom,
                quantity=line.counted,
                book=line.book,
                difference=line.difference,
                counted_by=line.counted_by,
                counted_at=line.counted_at,
            )
            for line in found.lines
        ],
    )


def _lot(batch: str, quantity: Decimal) -> MovedLotDto:
    return MovedLotDto(batch_number=batch, quantity=quantity)
