"""From our words to the contract's: sales of desktop programs and their end of day."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from pos_app.api.errors import Field, FieldsInvalid
from pos_app.api.shopinventory.page import Window
from pos_app.api.shopinventory.schemas.desktop_sale import (
    ChangeDto,
    ConsolidateAnswer,
    CurrencySums,
    CustomerSummary,
    EndOfDayReport,
    GroupDto,
    IndividualSaleDto,
    InvoiceOfManyDto,
    PaymentOfManyDto,
    SaleAnswer,
    SaleDto,
    SaleLineDto,
    SalePage,
    SaleQuestion,
    UnpostedSaleDto,
)
from pos_app.domain.currency import normalise
from pos_app.services.consolidation.report import Customer, Report, Sums
from pos_app.services.consolidation.view import Consolidated, Day
from pos_app.services.desktop_sale import Asked, Handed, Listed, Made
from pos_app.services.invoice_order import Line, Order
from pos_app.services.invoice_view import Fiscal
from pos_app.services.session import Account

NOTHING = Decimal(0)
FISCAL_STATES = {"fiscalised": "Success", "refused": "Failed", "disputed": "Failed"}
WAITS = frozenset({"Pending", "Processing"})


def asked(question: SaleQuestion, account: Account, *, reference: str) -> Asked:
    """What a program wants sold.

    Raises:
        FieldsInvalid: no money is named.
    """
    order = Order(
        partner=question.card_code,
        currency=normalise(question.doc_currency) if question.doc_currency else "",
        doc_date=question.doc_date,
        num_at_card=question.num_at_card or reference,
        comments=question.comments or "",
        sales_person=question.sales_person_code,
        is_fiscal=question.fiscalize,
        source=question.source_system or "DESKTOP_APP",
        lines=tuple(
            Line(
                item=line.item_code,
                quantity=line.quantity,
                warehouse=line.warehouse_code or question.warehouse_code,
                unit_price=line.unit_price,
                discount_percent=line.discount_percent or NOTHING,
            )
            for line in question.lines
        ),
    )
    return Asked(
        reference=reference,
        order=order,
        handed=_handed(question),
        methods=tuple(account.payment_methods),
        allowed=tuple(account.warehouses),
    )


def _handed(question: SaleQuestion) -> tuple[Handed, ...]:
    if question.payments:
        return tuple(
            Handed(
                method=row.method,
                amount=row.amount,
                currency=row.currency or "",
                reference=row.reference or "",
            )
            for row in question.payments
        )
    if not question.amount_paid:
        words = "Say what was paid: amountPaid with paymentMethod, or payments."
        raise FieldsInvalid([Field("amountPaid", words)])
    return (
        Handed(
            method=question.payment_method or "Cash",
            amount=question.amount_paid,
            reference=question.payment_reference or "",
        ),
    )


def made(found: Made) -> SaleAnswer:
    """A sale as it was stored."""
    invoice, fiscal = found.invoice, found.invoice.fiscal
    status = fiscal_status(fiscal)
    return SaleAnswer(
        sale_id=invoice.number,
        external_reference_id=found.reference,
        card_code=invoice.partner,
        total_amount=invoice.total.amount,
        vat_amount=invoice.vat.amount,
        currency=invoice.total.currency,
        change=[ChangeDto(currency=row.currency, amount=row.amount) for row in found.change],
        fiscalization_status=status,
        fiscal_receipt_number=receipt_number(fiscal),
        fiscalQRCode=fiscal.qr or None,
        fiscal_verification_code=fiscal.verification_code or None,
        fiscal_error=fiscal.reason or None if status == "Failed" else None,
        created_at=invoice.created_at,
    )


def fiscal_status(fiscal: Fiscal) -> str:
    """Success, Failed, Pending, or Skipped where this server files none."""
    return FISCAL_STATES.get(fiscal.state, "Pending") if fiscal.state else "Skipped"


def receipt_number(fiscal: Fiscal) -> str | None:
    """The number the device gave it."""
    return None if fiscal.receipt_global_no is None else str(fiscal.receipt_global_no)


def page(found: Sequence[Listed], total: int, window: Window) -> SalePage:
    """A page of sales."""
    rows = [_sale(one) for one in found]
    told: dict[str, Any] = window.envelope(total, len(rows))
    told.pop("count")
    return SalePage(sales=rows, items=rows, **told)


def _sale(one: Listed) -> SaleDto:
    return SaleDto(
        id=one.number,
        external_reference_id=one.reference,
        source_system=one.source or None,
        card_code=one.partner,
        card_name=one.partner_name or None,
        doc_date=one.doc_date,
        total_amount=one.total.amount,
        vat_amount=one.vat.amount,
        currency=one.total.currency,
        fiscalization_status=fiscal_status(one.fiscal),
        fiscal_receipt_number=receipt_number(one.fiscal),
        consolidation_status=one.consolidation,
        consolidation_id=one.list_id,
        warehouse_code=one.warehouse,
        payment_method=_methods(one),
        payment_reference=one.payment_reference or None,
        amount_paid=one.paid.amount,
        created_by=one.created_by or None,
        created_at=one.created_at,
        lines=[
            SaleLineDto(
                line_num=line.number,
                item_code=line.item,
                item_description=line.name or None,
                quantity=line.quantity,
                unit_price=line.unit_price,
                line_total=line.gross.amount,
                warehouse_code=line.warehouse,
                tax_code=line.tax_group or None,
                discount_percent=line.discount_percent,
            )
            for line in one.lines
        ],
    )


def _methods(one: Listed) -> str | None:
    return "/".join(one.methods) or None


def consolidated(day: Day) -> ConsolidateAnswer:
    """The lists of a business date."""
    groups = [_group(one) for one in day.lists]
    return ConsolidateAnswer(
        consolidation_date=day.day,
        total_sales_processed=len({name for one in day.lists for name in one.receipts}),
        successful_postings=sum(one.is_posted for one in day.lists),
        failed_postings=sum(row.status == "Failed" for row in groups),
        groups=groups,
    )


def _group(one: Consolidated) -> GroupDto:
    return GroupDto(
        reference=one.reference,
        card_code=one.partner,
        card_name=one.partner_name or None,
        currency=one.total.currency,
        tax_code=one.tax_group,
        sale_count=len(one.receipts),
        total_amount=one.total.amount,
        sap_doc_num=one.doc_num,
        payment_sap_doc_num=one.payment_nums[0] if one.payment_nums else None,
        status=status_of(one),
        error=one.reason or None,
    )


def status_of(one: Consolidated) -> str:
    """Pending, Posted, PartiallyCompleted (the invoice without all of its payments) or Failed."""
    if one.state == "Completed":
        return "Posted"
    if one.is_posted:
        return "PartiallyCompleted"
    return "Pending" if one.state in WAITS else "Failed"


def report(found: Report) -> EndOfDayReport:
    """The end of a day."""
    first = found.sums[0]
    return EndOfDayReport(
        report_date=found.day,
        generated_at=found.at,
        currency=first.total.currency,
        total_sales_count=sum(row.count for row in found.sums),
        total_sales_amount=first.total.amount,
        total_vat_amount=first.vat.amount,
        total_amount_paid=first.paid.amount,
        currencies=[_sums(row) for row in found.sums],
        posted_invoice_count=found.posted,
        unposted_invoice_count=len(found.lists) - found.posted,
        business_partner_summaries=[_customer(one) for one in found.customers],
        unposted_sales=[_unposted(one) for one in found.waiting],
    )


def _sums(row: Sums) -> CurrencySums:
    return CurrencySums(
        currency=row.total.currency,
        sales_count=row.count,
        total_amount=row.total.amount,
        total_vat=row.vat.amount,
        total_paid=row.paid.amount,
    )


def _customer(one: Customer) -> CustomerSummary:
    invoices = [
        InvoiceOfManyDto(
            sap_doc_entry=made.doc_entry,
            sap_doc_num=made.doc_num,
            posted_at=made.ended_at,
            status=status_of(made),
        )
        for made in one.lists
    ]
    paid = [made for made in one.lists if made.payment_nums]
    return CustomerSummary(
        card_code=one.partner,
        card_name=one.partner_name or None,
        currency=one.sums.total.currency,
        sales_count=one.sums.count,
        total_amount=one.sums.total.amount,
        total_vat=one.sums.vat.amount,
        total_paid=one.sums.paid.amount,
        consolidated_invoice=invoices[0] if invoices else None,
        consolidated_invoices=invoices,
        incoming_payment=_payment(paid[0]) if paid else None,
        individual_sales=[
            IndividualSaleDto(
                sale_id=sale.number,
                external_reference_id=sale.reference,
                amount=sale.total.amount,
                vat_amount=sale.vat.amount,
                fiscal_receipt_number=receipt_number(sale.fiscal),
                fiscalization_status=fiscal_status(sale.fiscal),
                payment_method=_methods(sale),
                amount_paid=sale.paid.amount,
                created_at=sale.created_at,
            )
            for sale in one.sales
        ],
    )


def _payment(made: Consolidated) -> PaymentOfManyDto:
    is_whole = len(made.payment_nums) == made.payments
    return PaymentOfManyDto(
        sap_doc_entry=None,
        sap_doc_num=made.payment_nums[0],
        amount=made.total.amount,
        status="Posted" if is_whole else "PartiallyCompleted",
    )


def _unposted(one: Listed) -> UnpostedSaleDto:
    return UnpostedSaleDto(
        sale_id=one.number,
        external_reference_id=one.reference,
        card_code=one.partner,
        card_name=one.partner_name or None,
        amount=one.total.amount,
        currency=one.total.currency,
        fiscal_receipt_number=receipt_number(one.fiscal),
        consolidation_status=one.consolidation,
        reason=one.reason or None,
    )
