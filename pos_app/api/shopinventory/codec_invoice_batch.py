"""From our words to the contract's: invoices judged, and the batches they could take."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from pos_app.api.shopinventory import codec_desktop
from pos_app.api.shopinventory.schemas.invoice_batch import FreeBatch, FreeBatches, InvoiceVerdict
from pos_app.domain.batch import Batch, Strategy
from pos_app.domain.item import Item
from pos_app.domain.sale import Sale
from pos_app.services.batch import Judgement

ZERO = Decimal(0)


def verdict(sale: Sale, judged: Judgement, *, lines: int) -> InvoiceVerdict:
    """An invoice judged."""
    told = codec_desktop.allocation(judged, lines)
    problem = judged.problems[0].sentence if judged.problems else ""
    return InvoiceVerdict(
        is_valid=told.is_valid,
        message=problem or "The invoice can be made as it stands.",
        strategy=told.strategy_used,
        lines_validated=lines,
        batches_allocated=told.batches_auto_allocated,
        doc_total=sale.total.amount,
        vat_sum=sale.vat.amount,
        doc_currency=sale.currency,
        allocated_lines=told.allocated_lines,
        errors=told.validation_errors,
        warnings=told.warnings,
    )


def free_batches(
    item: Item, lots: Sequence[Batch], *, warehouse: str, strategy: Strategy
) -> FreeBatches:
    """The batches of an item in the order they would be taken."""
    return FreeBatches(
        item_code=item.code,
        item_name=item.name,
        warehouse_code=warehouse,
        strategy=strategy.value,
        batch_count=len(lots),
        total_available=sum((lot.quantity for lot in lots), ZERO),
        batches=[
            FreeBatch(
                batch_number=lot.number,
                available_quantity=lot.quantity,
                expiry_date=lot.expiry,
                admission_date=lot.admission,
                status=lot.status.value,
            )
            for lot in lots
        ],
    )
