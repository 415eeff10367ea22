"""From our words to the contract's: reservations, the queue, and judged batches."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from pos_app.api.errors import Field, FieldsInvalid
from pos_app.api.shopinventory import codec_invoice
from pos_app.api.shopinventory.schemas.desktop import (
    AllocatedLine,
    AllocationAnswer,
    AllocationProblem,
    AllocationQuestion,
    BatchTaken,
    ConfirmAnswer,
    ConfirmReservation,
    ConvertedAnswer,
    ConvertLine,
    ConvertOrder,
    QueuedAnswer,
    QueueInvoice,
    ReservationAnswer,
    ReservationBatchDto,
    ReservationDto,
    ReservationLine,
    ReservationLineDto,
    ReservationQuestion,
    StockProblem,
)
from pos_app.domain.currency import normalise
from pos_app.domain.posting import PostingState
from pos_app.domain.reservation import ReservationState
from pos_app.domain.trade import Part
from pos_app.services.batch import Judgement, Problem, ProblemCode, Want
from pos_app.services.invoice_queue import Confirmed, Heading
from pos_app.services.invoice_view import Invoice
from pos_app.services.reservation import Ask, AskLine, wants_of
from pos_app.services.reservation_view import Held, HeldLine
from pos_app.services.trade.convert import AskedInvoice
from pos_app.services.trade.view import Trade

BASE = "/api/DesktopIntegration"
ESTIMATED_SECONDS = 15
ZERO = Decimal(0)

RESERVATION_CODES = {
    ProblemCode.BATCH_ALLOCATION_REQUIRED: "VALIDATION_FAILED",
    ProblemCode.BATCH_QUANTITY_MISMATCH: "VALIDATION_FAILED",
    ProblemCode.INSUFFICIENT_BATCH_QUANTITY: "INSUFFICIENT_BATCH_STOCK",
    ProblemCode.BATCH_NOT_FOUND: "BATCH_NOT_FOUND",
    ProblemCode.BATCH_NOT_RELEASED: "VALIDATION_FAILED",
    ProblemCode.WAREHOUSE_REQUIRED: "WAREHOUSE_NOT_FOUND",
    ProblemCode.ITEM_NOT_FOUND: "ITEM_NOT_FOUND",
    ProblemCode.INSUFFICIENT_TOTAL_STOCK: "INSUFFICIENT_STOCK",
    ProblemCode.ITEM_NOT_BATCH_MANAGED: "VALIDATION_FAILED",
    ProblemCode.INVALID_QUANTITY: "INVALID_QUANTITY",
}
ACTIONS = {
    ProblemCode.INSUFFICIENT_TOTAL_STOCK: "Ask for less, or receive stock first.",
    ProblemCode.INSUFFICIENT_BATCH_QUANTITY: "Ask for less of the batch, or add another batch.",
    ProblemCode.BATCH_ALLOCATION_REQUIRED: "Name the batches, or let them be allocated.",
    ProblemCode.BATCH_QUANTITY_MISMATCH: "Make the batches sum to the line.",
}


def ask(question: ReservationQuestion) -> Ask:
    """What a body wants held."""
    return Ask(
        reference=question.external_reference_id,
        label=question.external_reference or "",
        source=question.source_system,
        document_type=question.document_type or "Invoice",
        partner=question.card_code,
        partner_name=question.card_name or "",
        currency=question.currency or "",
        minutes=question.reservation_duration_minutes,
        is_fiscal=question.requires_fiscalization,
        priority=question.priority or 0,
        notes=question.notes or "",
        due_date=question.doc_due_date,
        sales_person=question.sales_person_code,
        lines=_ask_lines(question.lines),
    )


def queued_ask(question: QueueInvoice, *, reference: str) -> Ask:
    """What a queued invoice takes."""
    return Ask(
        reference=reference,
        source=question.source_system or "DESKTOP_APP",
        partner=question.card_code,
        partner_name=question.card_name or "",
        currency=question.doc_currency or "",
        is_fiscal=question.fiscalize,
        priority=question.priority or 0,
        due_date=question.doc_due_date,
        sales_person=question.sales_person_code,
        lines=_ask_lines(question.lines),
    )


def heading(question: ConfirmReservation | QueueInvoice) -> Heading:
    """What the invoice says beside its goods."""
    return Heading(
        doc_date=question.doc_date,
        due_date=question.doc_due_date,
        num_at_card=question.num_at_card or "",
        comments=question.comments or "",
        sales_person=question.sales_person_code,
        is_fiscal=question.fiscalize,
    )


def _ask_lines(lines: Sequence[ReservationLine]) -> tuple[AskLine, ...]:
    return tuple(
        AskLine(
            number=at if line.line_num is None else line.line_num,
            item=line.item_code,
            warehouse=line.warehouse_code,
            quantity=line.quantity,
            name=line.item_description or "",
            uom=line.uom_code or "",
            tax_code=line.tax_code or "",
            unit_price=line.unit_price,
            discount_percent=line.discount_percent or ZERO,
            batches=tuple((lot.batch_number, lot.quantity) for lot in line.batch_numbers or ()),
            is_auto=line.auto_allocate_batches,
        )
        for at, line in enumerate(lines)
    )


def reservation(held: Held) -> ReservationDto:
    """A hold as ``ReservationDto``."""
    is_confirmed = held.state is ReservationState.CONFIRMED
    is_cancelled = held.state is ReservationState.CANCELLED
    return ReservationDto(
        id=held.number,
        reservation_id=held.id,
        external_reference_id=held.reference,
        external_reference=held.label or held.reference,
        source_system=held.source,
        document_type=held.document_type,
        card_code=held.partner,
        card_name=held.partner_name or None,
        total_value=held.total.amount,
        currency=held.currency,
        status=held.state.value,
        created_at=held.created_at,
        expires_at=held.expires_at,
        confirmed_at=held.ended_at if is_confirmed else None,
        sap_doc_entry=held.doc_entry,
        sap_doc_num=held.doc_num,
        cancelled_at=held.ended_at if is_cancelled else None,
        cancellation_reason=held.end_reason or None if is_cancelled else None,
        renewal_count=held.renewals,
        created_by=held.username,
        priority=held.priority,
        notes=held.notes or None,
        lines=[_line(at, line) for at, line in enumerate(held.lines, 1)],
    )


def _line(number: int, line: HeldLine) -> ReservationLineDto:
    return ReservationLineDto(
        id=number,
        line_num=line.number,
        item_code=line.item,
        item_description=line.name or None,
        reserved_quantity=line.quantity,
        original_quantity=line.quantity,
        uom_code=line.uom or None,
        warehouse_code=line.warehouse,
        unit_price=line.unit_price,
        line_total=line.amount.amount,
        tax_code=line.tax_code or None,
        discount_percent=line.discount_percent,
        batch_allocations=[
            ReservationBatchDto(
                item_code=line.item,
                batch_number=number,
                warehouse_code=line.warehouse,
                reserved_quantity=quantity,
            )
            for number, quantity in line.batches
        ],
    )


def reservation_answer(
    held: Held, message: str, *, warnings: Sequence[str] = ()
) -> ReservationAnswer:
    """A request about a reservation that went well."""
    return ReservationAnswer(
        success=True,
        message=message,
        reservation=reservation(held),
        errors=[],
        warnings=list(warnings),
    )


def stock_problem(problem: Problem, *, for_reservation: bool = False) -> StockProblem:
    """Why a line cannot be served."""
    code = RESERVATION_CODES[problem.code] if for_reservation else problem.code.value
    return StockProblem(**_problem(problem, code))


def _problem(problem: Problem, code: str) -> dict[str, Any]:
    return {
        "error_code": code,
        "line_number": problem.number,
        "item_code": problem.item,
        "item_name": problem.item_name or None,
        "warehouse_code": problem.warehouse or None,
        "batch_number": problem.batch or None,
        "requested_quantity": problem.requested,
        "available_quantity": problem.available,
        "shortage": problem.shortage,
        "message": problem.sentence,
        "suggested_action": ACTIONS.get(problem.code),
    }


def reservation_wants(lines: Sequence[ReservationLine]) -> list[Want]:
    """Lines of a reservation as stock is asked for them."""
    return wants_of(_ask_lines(lines))


def wants(question: AllocationQuestion) -> list[Want]:
    """The lines of a body as stock is asked for them."""
    return [
        Want(
            position=at,
            number=at if line.line_number is None else line.line_number,
            item=line.item_code,
            warehouse=line.warehouse_code or "",
            quantity=line.quantity,
            batches=tuple((lot.batch_number, lot.quantity) for lot in line.batch_allocations or ()),
            is_auto=question.auto_allocate,
        )
        for at, line in enumerate(question.lines)
    ]


def allocation(judged: Judgement, lines: int) -> AllocationAnswer:
    """A document judged."""
    allocated = [
        AllocatedLine(
            line_number=served.want.number,
            item_code=served.want.item,
            warehouse_code=served.want.warehouse,
            total_quantity_allocated=served.want.quantity,
            batches=[
                BatchTaken(
                    batch_number=row.batch,
                    quantity_allocated=row.quantity,
                    available_before_allocation=row.available_before,
                    remaining_after_allocation=row.available_after,
                    expiry_date=row.expiry,
                    allocation_order=at,
                )
                for at, row in enumerate(served.allocations, 1)
            ],
        )
        for served in judged.served
    ]
    return AllocationAnswer(
        is_valid=judged.is_valid,
        validation_errors=[
            AllocationProblem(**_problem(problem, problem.code.value))
            for problem in judged.problems
        ],
        warnings=list(judged.warnings),
        allocated_lines=allocated,
        total_lines_validated=lines,
        lines_passed_validation=len(judged.served),
        batches_auto_allocated=sum(len(line.batches) for line in allocated),
        strategy_used=judged.strategy.value,
    )


def confirmed(found: Confirmed) -> ConfirmAnswer:
    """A reservation that became an invoice."""
    made = found.invoice
    waits = made.queue_id is not None and made.booked.doc_entry is None
    return ConfirmAnswer(
        success=True,
        message=codec_invoice.message(made),
        reservation_id=found.held.id,
        sap_doc_entry=made.booked.doc_entry,
        sap_doc_num=made.booked.doc_num,
        invoice=codec_invoice.invoice(made),
        fiscalization=codec_invoice.fiscalization(made),
        was_queued=waits,
        queue_id=made.queue_id,
        queue_status=_queue_status(made),
        queue_external_reference=found.held.reference if made.queue_id else None,
        estimated_processing_seconds=ESTIMATED_SECONDS if waits else None,
        status_url=status_url(made.queue_id) if made.queue_id else None,
        errors=[],
    )


def _queue_status(made: Invoice) -> str | None:
    if made.queue_id is None:
        return None
    states = {"done": PostingState.COMPLETED, "review": PostingState.REQUIRES_REVIEW}
    return states.get(made.booked.state, PostingState.PENDING).value


def queued(found: Confirmed) -> QueuedAnswer:
    """A queued invoice and where to ask for it."""
    number = found.invoice.queue_id or found.invoice.number
    return QueuedAnswer(
        success=True,
        message=f"Invoice {found.invoice.number} is queued for SAP.",
        external_reference=found.held.reference,
        reservation_id=found.held.id,
        queue_id=number,
        status=PostingState.PENDING.value,
        estimated_processing_seconds=ESTIMATED_SECONDS,
        status_url=status_url(number),
    )


def desktop_invoice_asked(question: ConvertOrder, order: Trade, *, reference: str) -> AskedInvoice:
    """What a body asks for of an order as an invoice.

    Raises:
        FieldsInvalid: a line names another item, price, discount, warehouse or currency.
    """
    wrong = [
        Field(f"lines[{at}].{name}", f"The order says {agreed}: leave it out, or change the order.")
        for at, line in enumerate(question.lines or ())
        for name, said, agreed in _said(line, order)
        if said is not None and said != agreed
    ]
    if question.doc_currency and normalise(question.doc_currency) != order.currency:
        wrong.append(Field("docCurrency", f"The order is in {order.currency}: leave it out."))
    if wrong:
        raise FieldsInvalid(wrong)
    return AskedInvoice(
        parts=tuple(Part(line.line_num + 1, line.quantity) for line in question.lines or ()),
        doc_date=question.doc_date,
        due_date=question.doc_due_date,
        num_at_card=question.num_at_card or "",
        comments=question.comments or "",
        sales_person=question.sales_person_code,
        is_fiscal=question.fiscalize,
        reference=reference,
        source=question.source_system or "DESKTOP_APP",
    )


def _said(line: ConvertLine, order: Trade) -> list[tuple[str, object, object]]:
    known = {row.number: row for row in order.lines}.get(line.line_num)
    if known is None:
        return []
    return [
        ("itemCode", line.item_code, known.item),
        ("unitPrice", line.unit_price, known.unit_price),
        ("discountPercent", line.discount_percent, known.discount_percent),
        ("warehouseCode", line.warehouse_code, known.warehouse),
    ]


def converted(order: Trade, made: Invoice, *, reference: str) -> ConvertedAnswer:
    """The invoice an order became."""
    return ConvertedAnswer(
        success=True,
        message=f"Order {order.number} is invoiced. {codec_invoice.message(made)}",
        sales_order_id=order.entry,
        sales_order_number=order.number,
        external_reference=made.van_order or reference,
        reservation_id=None,
        queue_id=made.queue_id,
        status=_queue_status(made) or PostingState.COMPLETED.value,
        estimated_processing_seconds=ESTIMATED_SECONDS,
        status_url=status_url(made.queue_id) if made.queue_id else None,
        invoice=codec_invoice.invoice(made),
        errors=[],
    )


def status_url(queue_id: int) -> str:
    """Where the status of a queued document is served."""
    return f"{BASE}/invoices/queue-status/{queue_id}"
