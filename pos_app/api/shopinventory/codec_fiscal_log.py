"""From our words to the contract's: the log of what was filed."""

from __future__ import annotations

from pos_app.api.shopinventory.page import Window
from pos_app.api.shopinventory.schemas.fiscal_log import (
    Backfilled,
    FiscalLogPage,
    FiscalLogSummary,
    FiscalTransaction,
    FiscalTransactionQuestion,
)
from pos_app.domain.currency import normalise
from pos_app.domain.money import Money
from pos_app.services.fiscal_log import Filled, Logged, Page, Told


def told(question: FiscalTransactionQuestion, *, currency: str) -> Told:
    """What a body tells; ``currency`` is the shop's own, for a body that names none."""
    known = normalise(question.currency) if question.currency else currency
    return Told(
        key=question.client_transaction_id,
        at=question.timestamp_utc,
        doc_num=question.doc_num,
        document_type=question.document_type,
        status=question.status,
        total=Money.of(question.doc_total, known),
        vat=Money.of(question.vat_sum, known),
        message=question.message or "",
        verification_code=question.verification_code or "",
        qr=question.qr_code or "",
        device_serial=question.device_serial_number or "",
        device_id=question.device_id or "",
        fiscal_day=question.fiscal_day or "",
        receipt_global_no=question.receipt_global_no,
        partner=question.card_code or "",
        partner_name=question.card_name or "",
        original=question.original_invoice_number or "",
        raw_request=question.raw_request or "",
        raw_response=question.raw_response or "",
        source=question.source_system or "",
    )


def transaction(found: Logged) -> FiscalTransaction:
    """One entry."""
    told = found.told
    return FiscalTransaction(
        id=found.number,
        client_transaction_id=told.key,
        timestamp_utc=found.at,
        document_type=told.document_type,
        doc_num=told.doc_num,
        status=told.status,
        message=told.message or None,
        verification_code=told.verification_code or None,
        qr_code=told.qr or None,
        device_serial_number=told.device_serial or None,
        device_id=told.device_id or None,
        fiscal_day=told.fiscal_day or None,
        receipt_global_no=told.receipt_global_no,
        card_code=told.partner or None,
        card_name=told.partner_name or None,
        doc_total=told.total.amount,
        vat_sum=told.vat.amount,
        currency=told.total.currency,
        original_invoice_number=told.original or None,
        source_system=told.source,
        created_by_user_id=found.user_id or None,
        created_by_username=found.username or None,
        created_at_utc=found.created_at,
        last_synced_at_utc=found.synced_at,
    )


def page(found: Page, window: Window) -> FiscalLogPage:
    """A page of the log."""
    counted = found.counted
    envelope = window.envelope(counted.total, len(found.entries))
    del envelope["count"]
    return FiscalLogPage(
        **envelope,
        summary=FiscalLogSummary(
            total_transactions=counted.total,
            success_count=counted.success,
            fiscalised_count=counted.fiscalised,
            not_fiscalised_count=counted.not_fiscalised,
            failed_count=counted.failed,
            unique_operators=counted.users,
            latest_transaction_at_utc=counted.latest,
        ),
        transactions=[transaction(entry) for entry in found.entries],
    )


def filled(found: Filled) -> Backfilled:
    """What filling the log came to; a receipt in doubt counts as a look-up that failed."""
    return Backfilled(
        from_utc=found.since,
        to_utc=found.until,
        available_invoice_count=found.available,
        scanned_invoice_count=found.scanned,
        already_tracked_count=found.tracked,
        fiscalised_found_count=found.found,
        transactions_synced_count=found.synced,
        not_fiscalised_count=found.not_filed,
        lookup_failed_count=found.in_doubt,
        sync_failed_count=0,
    )
