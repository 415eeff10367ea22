"""From our words to the contract's: quotations and sales orders."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pos_app.api.errors import Field, FieldsInvalid
from pos_app.api.shopinventory.schemas.trade import (
    ConvertQuestion,
    OrderDto,
    OrderLineDto,
    OrderQuestion,
    QuotationDto,
    QuotationQuestion,
    TradeLineDto,
    TradeLineQuestion,
    TradeQuestion,
)
from pos_app.domain.trade import Part, TradeKind, TradeState
from pos_app.services.trade.asked import AskedLine, AskedTrade
from pos_app.services.trade.convert import AskedInvoice
from pos_app.services.trade.view import Trade, TradeLine

ORDER_STATES = (
    "Draft", "Pending", "Approved", "PartiallyInvoiced", "Invoiced", "Cancelled", "OnHold",
    "Rejected",
)  # fmt: skip
QUOTATION_STATES = (
    "Draft", "Pending", "Approved", "Sent", "Accepted", "Rejected", "Expired", "Converted",
    "Cancelled",
)  # fmt: skip
STATES = {TradeKind.SALES_ORDER: ORDER_STATES, TradeKind.QUOTATION: QUOTATION_STATES}
"""The states of each kind in the order the contract numbers them."""

SYNONYMS = {"partiallyfulfilled": "PartiallyInvoiced", "fulfilled": "Invoiced"}
SOURCES = ("Web", "Mobile")
SAP_STATES = {"": "None", "pending": "Pending", "done": "Posted", "review": "RequiresReview"}
ZERO, ONE = Decimal(0), Decimal(1)


def state_of(kind: TradeKind, word: str | int) -> TradeState:
    """A state by its name in any case, the other name it goes by, or its number.

    Raises:
        FieldsInvalid: there is none.
    """
    known = STATES[kind]
    text = str(word).strip()
    if text.isascii() and text.isdecimal() and len(text) < 3 and int(text) < len(known):
        return TradeState(known[int(text)])
    text = SYNONYMS.get(text.lower(), text)
    for name in known:
        if name.lower() == text.lower():
            return TradeState(name)
    raise FieldsInvalid([Field("status", f"Use one of {', '.join(known)}.")])


def source_of(word: str | int | None) -> str:
    """``Web``, ``Mobile``, or empty where it is not said.

    Raises:
        FieldsInvalid: it is another word.
    """
    text = "" if word is None else str(word).strip()
    if not text:
        return ""
    if text in {"0", "1"}:
        return SOURCES[int(text)]
    for name in SOURCES:
        if name.lower() == text.lower():
            return name
    raise FieldsInvalid([Field("source", "Use Web or Mobile, or leave it out.")])


def order_asked(question: OrderQuestion) -> AskedTrade:
    """What a body asks for as a sales order."""
    details = {
        "notes": question.merchandiser_notes,
        "device": question.device_info,
        "latitude": _text(question.latitude),
        "longitude": _text(question.longitude),
    }
    lines = tuple(_line(line, batch=line.batch_number or "") for line in question.lines)
    return AskedTrade(
        kind=TradeKind.SALES_ORDER,
        due_date=question.delivery_date,
        details={name: value for name, value in details.items() if value},
        lines=lines,
        **_asked(question),
    )


def quotation_asked(question: QuotationQuestion) -> AskedTrade:
    """What a body asks for as a quotation."""
    return AskedTrade(
        kind=TradeKind.QUOTATION,
        due_date=question.valid_until,
        contact=question.contact_person or "",
        terms=(question.terms_and_conditions or "").strip(),
        lines=tuple(_line(line) for line in question.lines),
        **_asked(question),
    )


def _asked(question: TradeQuestion) -> dict[str, Any]:
    return {
        "partner": question.card_code,
        "currency": question.currency or "",
        "discount_percent": question.discount_percent or ZERO,
        "reference": question.customer_ref_no or "",
        "comments": question.comments or "",
        "ship_to": question.ship_to_address or "",
        "bill_to": question.bill_to_address or "",
        "warehouse": question.warehouse_code or "",
        "sales_person": question.sales_person_code,
        "sales_person_name": question.sales_person_name or "",
        "source": source_of(question.source),
        "client_request": question.client_request_id or "",
    }


def _line(line: TradeLineQuestion, *, batch: str = "") -> AskedLine:
    return AskedLine(
        item=line.item_code,
        quantity=line.quantity,
        unit_price=line.unit_price or None,
        discount_percent=line.discount_percent or ZERO,
        warehouse=line.warehouse_code or "",
        batch=batch,
    )


def invoice_asked(question: ConvertQuestion | None) -> AskedInvoice:
    """What a body asks for of an order as an invoice."""
    told = question or ConvertQuestion()
    return AskedInvoice(
        parts=tuple(Part(line.line_num + 1, line.quantity) for line in told.lines or ()),
        doc_date=told.doc_date,
        due_date=told.doc_due_date,
        num_at_card=told.num_at_card or "",
        comments=told.comments or "",
        sales_person=told.sales_person_code,
        is_fiscal=told.fiscalize,
    )


def order(found: Trade) -> OrderDto:
    """A sales order as ``SalesOrderDto``."""
    details: Mapping[str, str] = found.details
    return OrderDto(
        **_trade(found),
        order_number=found.number,
        order_date=found.doc_date,
        delivery_date=found.due_date,
        quotation_id=found.base_entry,
        invoice_id=found.next_entry,
        invoice_sap_doc_num=found.next_doc_num,
        merchandiser_notes=details.get("notes"),
        device_info=details.get("device"),
        latitude=_number(details.get("latitude")),
        longitude=_number(details.get("longitude")),
        lines=[
            OrderLineDto(
                **_line_row(line),
                quantity_fulfilled=line.fulfilled,
                quantity_remaining=line.left,
                batch_number=line.batch or None,
            )
            for line in found.lines
        ],
    )


def quotation(found: Trade) -> QuotationDto:
    """A quotation as ``QuotationDto``; one that ran out today says so before its row does."""
    return QuotationDto(
        **_trade(found),
        quotation_number=found.number,
        quotation_date=found.doc_date,
        valid_until=found.due_date,
        contact_person=found.contact or None,
        terms_and_conditions=found.terms or None,
        sales_order_id=found.next_entry,
        is_expired=found.is_over,
        lines=[TradeLineDto(**_line_row(line)) for line in found.lines],
    )


def _trade(found: Trade) -> dict[str, Any]:
    return {
        "id": found.entry,
        "sap_doc_entry": found.booked.doc_entry,
        "sap_doc_num": found.booked.doc_num,
        "sap_status": SAP_STATES.get(found.booked.state, "Unknown"),
        "card_code": found.partner,
        "card_name": found.partner_name,
        "customer_ref_no": found.reference or None,
        "status": found.state.value,
        "status_name": found.state.value,
        "comments": found.comments or None,
        "sales_person_code": found.sales_person,
        "sales_person_name": found.sales_person_name or None,
        "currency": found.currency,
        "exchange_rate": ONE if found.currency == "USD" or found.rate is None else found.rate,
        "sub_total": found.subtotal.amount,
        "tax_amount": found.vat.amount,
        "discount_percent": found.discount_percent,
        "discount_amount": found.discount.amount,
        "doc_total": found.total.amount,
        "prices_include_vat": found.is_gross,
        "needs_price_approval": found.has_other_prices and not found.approved_by,
        "ship_to_address": found.ship_to or None,
        "bill_to_address": found.bill_to or None,
        "warehouse_code": found.warehouse,
        "created_by_user_id": found.people.get(found.created_by),
        "created_by_user_name": found.created_by,
        "approved_by_user_id": found.people.get(found.approved_by),
        "approved_by_user_name": found.approved_by or None,
        "approved_date": found.approved_at,
        "created_at": found.created_at,
        "updated_at": found.changed_at,
        "is_synced": found.booked.state == "done",
        "sync_error": found.booked.reason or None,
        "source": found.source,
        "client_request_id": found.client_request or None,
        "row_version": str(found.version),
    }


def _line_row(line: TradeLine) -> dict[str, Any]:
    return {
        "id": line.number + 1,
        "line_num": line.number,
        "item_code": line.item,
        "item_description": line.name,
        "quantity": line.quantity,
        "unit_price": line.unit_price,
        "discount_percent": line.discount_percent,
        "tax_percent": line.tax_percent,
        "tax_code": line.tax_group,
        "tax_amount": line.vat.amount,
        "line_total": line.amount.amount,
        "warehouse_code": line.warehouse,
        "uom_code": line.uom,
    }


def _text(number: Decimal | None) -> str | None:
    return None if number is None else format(number, "f")


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
