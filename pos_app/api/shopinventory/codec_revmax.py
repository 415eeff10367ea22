"""Between the fiscal device's words, the contract's and ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fiscal.envelope import Envelope, text, whole
from fiscal.messages import ForeignOriginal, License
from pos_app.api.errors import Field, FieldsInvalid
from pos_app.api.shopinventory import revmax_rows
from pos_app.api.shopinventory.schemas.revmax import (
    CardData,
    CardDetailsResponse,
    DayStatusData,
    DayStatusResponse,
    InvoiceResponse,
    LicenseData,
    LicenseResponse,
    TransactData,
    TransactMExtRequest,
    TransactMRequest,
    TransactMResponse,
    UnprocessedInvoice,
    UnprocessedInvoicesSummaryResponse,
    VatTotal,
    ZReport,
    ZReportData,
    ZReportResponse,
)
from pos_app.services.fiscal_proxy import Proxied
from pos_app.services.fiscal_proxy_day import ClosedDay
from pos_app.services.fiscal_proxy_request import Wanted

DONE, UNKNOWN = 0, -1
"""The contract's code for success, and ours for an outcome nobody knows yet."""


def card(found: Envelope) -> CardDetailsResponse:
    """Card details."""
    data = {name: text(found.object.get(name)) for name in CardData.model_fields}
    return CardDetailsResponse(**_head(found), data=CardData(**data))


def day_status(found: Envelope) -> DayStatusResponse:
    """The fiscal day."""
    data = found.object
    return DayStatusResponse(
        **_head(found),
        data=DayStatusData(
            fiscal_day_status=text(data.get("fiscaldaystatus")),
            last_receipt_global_no=whole(data.get("lastreceiptglobalno")),
            last_fiscal_day_no=whole(data.get("lastfiscaldayno")),
            operationID=text(data.get("operationid")) or None,
        ),
    )


def license_of(found: Envelope) -> LicenseResponse:
    """The licence as it was read."""
    data = {name: text(found.object.get(name)) for name in LicenseData.model_fields}
    return LicenseResponse(**_head(found), data=LicenseData(**data))


def license_set(found: License) -> LicenseResponse:
    """The licence as it is after a new key."""
    data = LicenseData(status=found.status, start=found.start, end=found.end)
    return LicenseResponse(code=DONE, message="Success", data=data)


def invoice(found: Envelope) -> InvoiceResponse:
    """A receipt as the device keeps it, under the contract's spelling of its keys."""
    data = found.data if isinstance(found.data, Mapping) else {}
    return InvoiceResponse(**_head(found), data=_camel(data))


def backlog(found: Envelope) -> UnprocessedInvoicesSummaryResponse:
    """What the authority has not got yet."""
    rows = [
        UnprocessedInvoice(
            invoice_number=text(row.get("invoicenumber")),
            invoice_amount=revmax_rows.decimal(text(row.get("invoiceamount"))),
            currency=text(row.get("currency")),
            status=text(row.get("status")),
            created_date=text(row.get("createddate")),
        )
        for row in found.rows
    ]
    return UnprocessedInvoicesSummaryResponse(**_head(found), data=rows)


def z_report(day: ClosedDay) -> ZReportResponse:
    """A closed day."""
    lost = " The answer that carried its figures was lost." if day.currencies is None else ""
    data = None
    if day.currencies is not None:
        data = ZReportData(
            z_reports=[
                ZReport(
                    currency=row.currency,
                    date=row.date,
                    vat_totals=[
                        VatTotal(vatrate=t.rate, nettamount=t.net, taxamount=t.tax)
                        for t in row.totals
                    ],
                )
                for row in day.currencies
            ]
        )
    return ZReportResponse(
        code=DONE,
        message=f"Fiscal Day Closed.{lost}" if lost else "Fiscal Day Closed",
        deviceID=day.device_id or None,
        device_serial_number=day.device_serial or None,
        fiscal_day=day.fiscal_day,
        data=data,
    )


def transacted(found: Proxied, *, status_url: str) -> TransactMResponse:
    """A receipt that was filed, or that nobody knows of yet."""
    message = "Success"
    if not found.is_filed:
        message = (
            f"It is not known yet whether {found.number} was filed: ask {status_url}, or send the "
            f"same again, it is never filed twice. {found.reason}"
        ).strip()
    return TransactMResponse(
        code=DONE if found.is_filed else UNKNOWN,
        message=message,
        qr_code=found.qr or None,
        verification_code=found.verification_code or None,
        verification_link=found.verification_link or None,
        deviceID=found.device_id or None,
        device_serial_number=found.device_serial or None,
        fiscal_day=found.fiscal_day,
        status_url=None if found.is_filed else status_url,
        data=TransactData(
            receipt_global_no=found.receipt_global_no,
            receipt_counter=found.receipt_counter,
            fiscal_day_no=found.fiscal_day,
            invoice_no=found.number,
        ),
    )


def wanted(question: TransactMRequest, *, cashier: str) -> Wanted:
    """A receipt as the service takes it.

    Raises:
        FieldsInvalid: items or currencies cannot be read, or the reference is not whole.
    """
    return Wanted(
        number=question.invoice_number,
        currency=question.currency or "",
        branch=question.branch_name or "",
        original_number=(question.original_invoice_number or "").strip(),
        status=question.istatus or "",
        amount=question.invoice_amount,
        tax=question.invoice_tax_amount,
        cashier=question.cashier or cashier,
        comment=question.invoice_comment or "",
        buyer={
            "name": question.customer_name or "",
            "tin": question.customer_bpn or "",
            "vat_number": question.customer_vat_number or "",
            "address": question.customer_address or "",
            "phone": question.customer_telephone or "",
            "email": question.customer_email or "",
        },
        items=_rows("itemsXml", question.items_xml),
        payments=_rows("currenciesXml", question.currencies_xml or []),
        foreign=_foreign(question) if isinstance(question, TransactMExtRequest) else None,
    )


def _foreign(question: TransactMExtRequest) -> ForeignOriginal | None:
    """The original on another device: all three references, or none of them."""
    given = {
        "refDeviceId": question.ref_device_id,
        "refReceiptGlobalNo": question.ref_receipt_global_no,
        "refFiscalDayNo": question.ref_fiscal_day_no,
    }
    missing = [name for name, value in given.items() if value is None]
    if len(missing) == len(given):
        return None
    if missing:
        raise FieldsInvalid(
            [Field(name, "Give all three references, or none.") for name in missing]
        )
    return ForeignOriginal(
        device_id=str(question.ref_device_id),
        receipt_global_no=question.ref_receipt_global_no or 0,
        fiscal_day_no=question.ref_fiscal_day_no or 0,
    )


def _rows(name: str, value: str | list[dict[str, Any]]) -> list[dict[str, str]]:
    try:
        return revmax_rows.rows(value)
    except revmax_rows.RowsInvalid as error:
        raise FieldsInvalid([Field(name, str(error))]) from error


def _head(found: Envelope) -> dict[str, Any]:
    return {
        "code": DONE,
        "message": found.message or "Success",
        "qr_code": found.qr or None,
        "verification_code": found.verification_code or None,
        "verification_link": found.verification_link or None,
        "device_id": found.device_id or None,
        "device_serial_number": found.device_serial or None,
        "fiscal_day": whole(found.fiscal_day),
    }


def _camel(value: Any) -> Any:
    """The same data with keys as .NET writes them: the leading capitals lowered."""
    if isinstance(value, Mapping):
        return {camel(str(key)): _camel(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_camel(inner) for inner in value]
    return value


def camel(name: str) -> str:
    """``No`` → ``no``, ``HSCode`` → ``hsCode``, ``TIN`` → ``tin``, ``taxID`` unchanged."""
    run = len(name) - len(name.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    keeps_last = 1 < run < len(name) and name[run].islower()
    size = run - 1 if keeps_last else run
    return name[:size].lower() + name[size:]
