"""From our words to the contract's: fiscalised sales of a period."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from pos_app.api.shopinventory.page import Window
from pos_app.api.shopinventory.schemas.fiscal_sale import (
    FiscalisedDay,
    FiscalisedLine,
    FiscalisedSale,
    FiscalisedSales,
    FiscalisedSummary,
)
from pos_app.domain.money import Money
from pos_app.services.fiscal_sale import Report, SaleSeen, Sums


def report(found: Report, window: Window, *, at: datetime) -> FiscalisedSales:
    """The report, with one page of its sales."""
    envelope = window.envelope(found.sums.count, len(found.sales))
    del envelope["count"]
    return FiscalisedSales(
        **envelope,
        generated_at_utc=at,
        period=found.span.value,
        from_date=found.since,
        to_date=found.until,
        summary=_summary(found),
        daily_breakdown=[
            FiscalisedDay(
                date=day,
                sales_count=sums.count,
                total_amount=sums.total.amount,
                vat_amount=sums.vat.amount,
                consolidated_count=sums.in_sap,
                awaiting_consolidation_count=sums.count - sums.in_sap,
            )
            for day, sums in found.days.items()
        ],
        sales=[_sale(row) for row in found.sales],
    )


def _summary(found: Report) -> FiscalisedSummary:
    sums: Sums = found.sums
    return FiscalisedSummary(
        total_fiscalized_sales=sums.count,
        consolidated_count=sums.in_sap,
        awaiting_consolidation_count=sums.count - sums.in_sap,
        currency=sums.total.currency,
        total_sales_amount=sums.total.amount,
        total_vat_amount=sums.vat.amount,
        amount_by_currency=_amounts(sums.by_currency),
        vat_by_currency=_amounts(sums.vat_by_currency),
        without_rate_count=sums.unconverted,
        unique_customers=len(found.by_partner),
        unique_warehouses=len(found.by_warehouse),
        amount_by_warehouse=_amounts(found.by_warehouse),
        amount_by_customer=_amounts(found.by_partner),
    )


def _amounts(sums: Mapping[str, Money]) -> dict[str, Decimal]:
    return {key: money.amount for key, money in sums.items()}


def _sale(seen: SaleSeen) -> FiscalisedSale:
    found = seen.invoice
    entry = found.booked.doc_entry
    return FiscalisedSale(
        queue_id=found.queue_id,
        external_reference=seen.reference,
        reservation_id=seen.reservation or None,
        status=seen.posting_state or "Completed",
        customer_code=found.partner,
        customer_name=found.partner_name or None,
        total_amount=found.total.amount,
        vat_amount=found.vat.amount,
        currency=found.total.currency,
        warehouse_code=found.warehouse or None,
        fiscal_device_number=seen.device or None,
        fiscal_receipt_number=found.fiscal.number or None,
        fiscalization_success=found.fiscal.is_done,
        sap_doc_entry=None if entry is None else str(entry),
        sap_doc_num=found.booked.doc_num,
        is_consolidated=seen.in_sap_at is not None,
        created_at=found.created_at,
        fiscalized_at=found.fiscal.settled_at,
        consolidated_at=seen.in_sap_at,
        source_system=found.source,
        created_by=found.created_by or None,
        notes=found.comments or None,
        lines=[
            FiscalisedLine(
                line_num=line.number,
                item_code=line.item,
                item_description=line.name or None,
                quantity=line.quantity,
                unit_price=line.unit_price,
                line_total=(line.gross if found.is_gross else line.net).amount,
                discount_percent=line.discount_percent,
                warehouse_code=line.warehouse or None,
                tax_code=line.tax_group or None,
                uom_code=line.uom or None,
            )
            for line in found.lines
        ],
    )
