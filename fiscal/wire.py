"""Requests as the box wants them written, and what its answers say."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from fiscal import decimal_json, qr
from fiscal.amount import included_tax, money_text, plain, price_text
from fiscal.envelope import Envelope, lowered, text, whole
from fiscal.errors import Unavailable
from fiscal.messages import (
    RECEIPT_TYPES,
    BacklogRow,
    Card,
    DayStatus,
    Filed,
    FiledTax,
    Hello,
    License,
    PaymentLine,
    ReceiptLine,
    ReceiptRequest,
    ZCurrency,
    ZReport,
    ZTotal,
)
from fiscal.profile import Profile

STATUS_CODES = {"invoice": "01", "credit": "02", "debit": "03"}
PHONE_LENGTH_MAX, EMAIL_LENGTH_MAX = 20, 100
_OPEN = frozenset({"fiscaldayopened", "fiscaldayclosefailed"})
"""Days that take receipts; one whose closing failed goes on (FDMS 7.2, fiscal day)."""


def transact_body(request: ReceiptRequest, profile: Profile) -> dict[str, Any]:
    """The body of TransactM or TransactMExt: exact keys, every scalar a text, arrays of lines."""
    sign = -1 if profile.is_credit_negative and request.kind == "credit" else 1
    buyer = request.buyer
    body: dict[str, Any] = {
        "Currency": request.currency,
        "BranchName": request.branch,
        "InvoiceNumber": request.number,
        "OriginalInvoiceNumber": request.original_number,
        "CustomerName": buyer.name if buyer else "",
        "CustomerVatNumber": buyer.vat_number if buyer else "",
        "CustomerAddress": buyer.address if buyer else "",
        "CustomerTelephone": _fitting(buyer.phone, PHONE_LENGTH_MAX) if buyer else "",
        "CustomerEmail": _fitting(buyer.email, EMAIL_LENGTH_MAX) if buyer else "",
        "CustomerBPN": buyer.tin if buyer else "",
        "InvoiceAmount": money_text(sign * request.total),
        "InvoiceTaxAmount": money_text(sign * request.tax),
        "Istatus": STATUS_CODES[request.kind],
        "Cashier": request.cashier,
        "InvoiceComment": request.comment,
    }
    body |= _foreign(request)
    body["ItemsXml"] = [_item(line, profile, sign=sign) for line in request.lines]
    body["CurrenciesXml"] = [_currency(payment, sign=sign) for payment in request.payments]
    return body


def filed(envelope: Envelope) -> Filed:
    """What an answer to TransactM or GetInvoice says of a receipt; gaps stay gaps.

    The fiscal day is left out: an answer names the day the device is on, not the receipt's.
    """
    receipt = _receipt(envelope)
    tail = qr.parse(envelope.qr)
    device_id = envelope.device_id or (str(tail.device_id) if tail else "")
    global_no = whole(receipt.get("receiptglobalno", envelope.extra.get("receiptglobalno")))
    if global_no is None and tail is not None:
        global_no = tail.receipt_global_no
    total = _decimal(receipt.get("receipttotal"))
    return Filed(
        number=text(receipt.get("invoiceno")).removeprefix(f"{device_id}-"),
        device_id=device_id,
        device_serial=envelope.device_serial,
        qr=envelope.qr,
        verification_code=envelope.verification_code,
        verification_link=envelope.verification_link,
        receipt_global_no=global_no,
        receipt_counter=whole(
            receipt.get("receiptcounter", envelope.extra.get("receiptcounter")),
        ),
        fiscal_day=None,
        device_day=device_day(envelope),
        filed_at=text(receipt.get("receiptdate", envelope.extra.get("receiptdate"))) or None,
        kind=RECEIPT_TYPES.get(text(receipt.get("receipttype")).lower()),
        currency=text(receipt.get("receiptcurrency")),
        total=None if total is None else abs(total),
        raw=decimal_json.safe(envelope.raw),
        taxes=_taxes(receipt.get("receipttaxes")),
    )


def agrees_with_qr(record: Filed) -> bool:
    """Whether the tail of the QR data names the same device, number, day and code."""
    tail = qr.parse(record.qr)
    return (
        tail is not None
        and str(tail.device_id) == record.device_id.lstrip("0")
        and tail.receipt_global_no == record.receipt_global_no
        and tail.verification_code == record.verification_code.upper()
        and (record.filed_at is None or record.filed_at.startswith(tail.date.isoformat()))
    )


def device_day(envelope: Envelope) -> int | None:
    """The fiscal day the device is on when it answers."""
    return whole(envelope.extra.get("fiscaldayno") or envelope.fiscal_day)


def day_status(envelope: Envelope) -> DayStatus | None:
    """The day status, or None when the answer lacks it."""
    data = envelope.object
    status = text(data.get("fiscaldaystatus"))
    last, day = whole(data.get("lastreceiptglobalno")), whole(data.get("lastfiscaldayno"))
    if not status or last is None or day is None:
        return None
    return DayStatus(
        is_open=status.casefold() in _OPEN,
        last_receipt_global_no=last,
        last_fiscal_day_no=day,
        status=status,
        device_id=envelope.device_id,
        device_serial=envelope.device_serial,
    )


def hello(greeting: Mapping[str, Any]) -> Hello:
    """Read the greeting of a device; raises Unavailable for anything else."""
    try:
        return Hello(
            device_id=str(greeting["deviceID"]),
            serial=str(greeting["serial"]),
            boot_id=str(greeting["bootID"]),
            last_receipt_global_no=int(greeting["lastReceiptGlobalNo"]),
            last_invoice_number=str(greeting["lastInvoiceNumber"]),
            is_day_open=str(greeting["dayStatus"]).casefold() in _OPEN,
            fiscal_day=int(greeting["fiscalDay"]),
            clock=_instant(greeting["clock"]),
            is_idle=greeting.get("isIdle") is not False,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Unavailable("its greeting cannot be read") from error


def card(envelope: Envelope) -> Card:
    """Whose device it is."""
    data = envelope.object
    return Card(
        tin=text(data.get("tin")),
        bpn=text(data.get("bpn")),
        vat_number=text(data.get("vat")),
        company_name=text(data.get("companyname")),
        address=text(data.get("address")),
        registration_number=text(data.get("registrationnumber")),
        serial_number=text(data.get("serialnumber")) or envelope.device_serial,
        device_id=envelope.device_id,
    )


def license_of(envelope: Envelope) -> License:
    """The licence."""
    data = envelope.object
    return License(
        status=text(data.get("status")), start=text(data.get("start")), end=text(data.get("end"))
    )


def backlog(envelope: Envelope) -> list[BacklogRow]:
    """Receipts not yet delivered to the authority."""
    prefix = f"{envelope.device_id}-"
    return [
        BacklogRow(
            number=text(row.get("invoicenumber")).removeprefix(prefix),
            amount=_decimal(row.get("invoiceamount")),
            currency=text(row.get("currency")),
            status=text(row.get("status")),
            created_at=text(row.get("createddate")),
        )
        for row in envelope.rows
    ]


def z_report(envelope: Envelope, profile: Profile, *, fiscal_day: int | None) -> ZReport:
    """The totals of a closed day; without any when the answer carries none that can be read."""
    scale = Decimal("0.01") if profile.is_z_in_cents else Decimal(1)
    try:
        rows = _rows(envelope.object, "zreports")
        currencies = tuple(_z_currency(row, scale) for row in rows)
    except ValueError:
        currencies, is_read = (), False
    else:
        is_read = True
    return ZReport(
        fiscal_day=fiscal_day,
        currencies=currencies,
        message=envelope.message,
        raw=decimal_json.safe(envelope.raw),
        is_recovered=not is_read,
    )


def _foreign(request: ReceiptRequest) -> dict[str, str]:
    if request.foreign is None:
        return {}
    return {
        "refDeviceId": request.foreign.device_id,
        "refReceiptGlobalNo": str(request.foreign.receipt_global_no),
        "refFiscalDayNo": str(request.foreign.fiscal_day_no),
    }


def _fitting(contact: str, most: int) -> str:
    """A contact, left out when the authority has no room for it (FDMS 7.2, receipt fields)."""
    return contact if len(contact) <= most else ""


def _item(line: ReceiptLine, profile: Profile, *, sign: int) -> dict[str, str]:
    percent = line.tax_percent or Decimal(0)
    rate = percent if profile.taxes == "percent" else percent / 100
    tax = money_text(sign * included_tax(line.amount, line.tax_percent))
    item = {
        "HH": str(line.number),
        "ITEMCODE": line.code,
        "ITEMNAME1": line.name,
        "ITEMNAME2": line.name,
        "QTY": plain(line.quantity),
        "PRICE": price_text(sign * line.price),
        "AMT": money_text(sign * line.amount),
        "TAX": tax if profile.taxes == "amount" else line.tax_id,
        "TAXR": plain(rate),
    }
    return item | {profile.hs_key: line.hs_code} if profile.hs_key else item


def _currency(payment: PaymentLine, *, sign: int) -> dict[str, str]:
    amount = money_text(sign * payment.amount)
    return {"Name": payment.currency, "Amount": amount, "Rate": plain(payment.rate)}


def _receipt(envelope: Envelope) -> Mapping[str, Any]:
    data = envelope.object
    inner = data.get("receipt")
    return lowered(inner) if isinstance(inner, Mapping) else data


def _taxes(rows: Any) -> tuple[FiledTax, ...]:
    """The tax groups, or none at all when one of them cannot be read."""
    entries = [lowered(row) for row in rows] if isinstance(rows, list) else []
    taxes = []
    for row in entries:
        sales, tax = _decimal(row.get("salesamountwithtax")), _decimal(row.get("taxamount"))
        if sales is None or tax is None:
            return ()
        percent = _decimal(row.get("taxpercent"))
        code = text(row.get("taxcode"))
        taxes.append(FiledTax(code=code, percent=percent, sales=abs(sales), tax=abs(tax)))
    return tuple(taxes)


def _instant(text_: Any) -> datetime:
    """An aware instant; raises ValueError for a local one, which cannot be compared."""
    at = datetime.fromisoformat(text_)
    if at.tzinfo is None:
        raise ValueError("an instant without a zone")
    return at


def _decimal(value: Any) -> Decimal | None:
    try:
        number = Decimal(text(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _rows(data: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """A list of objects, keys in lower case; raises ValueError for anything else."""
    rows = data.get(name)
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise ValueError(f"{name} is not a list of objects")
    return [lowered(row) for row in rows]


def _z_currency(row: Mapping[str, Any], scale: Decimal) -> ZCurrency:
    return ZCurrency(
        currency=text(row.get("currency")),
        date=text(row.get("date")),
        totals=tuple(
            ZTotal(
                rate=text(entry.get("vatrate")),
                net=_amount(entry.get("nettamount")) * scale,
                tax=_amount(entry.get("taxamount")) * scale,
            )
            for entry in _rows(row, "vattotals")
        ),
    )


def _amount(value: Any) -> Decimal:
    """An amount; raises ValueError when it is none, for a total that cannot be read is not zero."""
    amount = _decimal(value)
    if amount is None:
        raise ValueError(f"{value!r} is not an amount")
    return amount
