"""Between the contract's words for purchase orders and ours."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from pos_app.api.errors import Field, FieldsInvalid
from pos_app.api.shopinventory.schemas.purchase import (
    PurchaseDto,
    PurchaseLineDto,
    PurchaseQuestion,
    ReceiptQuestion,
)
from pos_app.domain.posting import PostingState
from pos_app.domain.purchase import PurchaseState
from pos_app.services.purchase.asked import Arrived, AskedLine, AskedPurchase, Receipt
from pos_app.services.purchase.view import Purchase, PurchaseLine

ONE = Decimal(1)


def state(word: str | int | None) -> PurchaseState | None:
    """A state by its name in any case, or its number; None and empty say nothing.

    Raises:
        FieldsInvalid: there is none of that name.
    """
    if word is None or word == "":
        return None
    known = list(PurchaseState)
    text = str(word).strip()
    if text.isascii() and text.isdecimal() and int(text[:3]) < len(known):
        return known[int(text[:3])]
    for found in known:
        if found.value.casefold() == text.casefold():
            return found
    raise FieldsInvalid([Field("status", f"Use one of {', '.join(known)}.")])


def asked(question: PurchaseQuestion) -> AskedPurchase:
    """An order as the API asks for it."""
    return AskedPurchase(
        partner=question.card_code,
        currency=question.currency or "",
        due_date=question.delivery_date,
        reference=question.supplier_ref_no or "",
        comments=question.comments or "",
        warehouse=question.warehouse_code or "",
        discount_percent=question.discount_percent,
        buyer_code=question.buyer_code,
        buyer_name=question.buyer_name or "",
        ship_to=question.ship_to_address or "",
        bill_to=question.bill_to_address or "",
        lines=tuple(
            AskedLine(
                item=line.item_code,
                name=line.item_description or "",
                quantity=line.quantity,
                unit_price=line.unit_price,
                discount_percent=line.discount_percent,
                tax_percent=line.tax_percent,
                warehouse=line.warehouse_code or "",
                batch=line.batch_number or "",
            )
            for line in question.lines
        ),
    )


def receipt(question: ReceiptQuestion) -> Receipt:
    """What came in."""
    return Receipt(
        comments=question.comments or "",
        warehouse=question.warehouse_code or "",
        lines=tuple(
            Arrived(
                line=line.line_num,
                item=line.item_code,
                quantity=line.quantity_received,
                warehouse=line.warehouse_code or "",
                batch=line.batch_number or "",
                expiry=line.expiry_date,
            )
            for line in question.lines
        ),
    )


def purchase(found: Purchase) -> PurchaseDto:
    """An order as callers see it."""
    return PurchaseDto(
        id=found.entry,
        sap_doc_entry=found.way.doc_entry,
        sap_doc_num=found.way.doc_num,
        order_number=found.number,
        order_date=found.doc_date,
        delivery_date=found.due_date,
        card_code=found.partner,
        card_name=found.partner_name,
        supplier_ref_no=found.reference or None,
        status=found.state.value,
        status_name=found.state.value,
        comments=found.comments or None,
        buyer_code=found.buyer_code,
        buyer_name=found.buyer_name or None,
        currency=found.currency,
        exchange_rate=ONE,
        sub_total=found.subtotal.amount,
        tax_amount=found.tax.amount,
        discount_percent=found.discount_percent,
        discount_amount=found.discount.amount,
        doc_total=found.total.amount,
        ship_to_address=found.ship_to or None,
        bill_to_address=found.bill_to or None,
        warehouse_code=found.warehouse,
        created_by_user_id=found.people.get(found.created_by),
        created_by_user_name=found.created_by,
        approved_by_user_id=found.people.get(found.approved_by or ""),
        approved_by_user_name=found.approved_by,
        approved_date=found.approved_at,
        created_at=found.created_at,
        updated_at=found.changed_at,
        is_synced=found.way.state == PostingState.COMPLETED.value,
        source="API",
        sap_status=found.way.state or None,
        sap_error=found.way.reason or None,
        lines=[_line(line) for line in found.lines],
    )


def purchases(found: Iterable[Purchase]) -> list[PurchaseDto]:
    """Several."""
    return [purchase(row) for row in found]


def _line(line: PurchaseLine) -> PurchaseLineDto:
    return PurchaseLineDto(
        id=line.line + 1,
        line_num=line.line,
        item_code=line.item,
        item_description=line.name,
        quantity=line.quantity,
        quantity_received=line.received,
        quantity_remaining=line.quantity - line.received,
        unit_price=line.unit_price,
        discount_percent=line.discount_percent,
        tax_percent=line.tax_percent,
        line_total=line.net.amount,
        warehouse_code=line.warehouse,
        uom_code=line.uom,
        batch_number=line.batch or None,
    )
