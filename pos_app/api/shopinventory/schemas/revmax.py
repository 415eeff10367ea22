"""Bodies of ``/api/revmax``: the device's answers in one envelope, and receipts to file."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from pos_app.api.shopinventory.schemas.fields import Number
from pos_app.api.wire import Answer, Question

LONGEST_NUMBER = 50
LONGEST_XML = 500_000

InvoiceNumber = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_NUMBER),
    Field(description="Unique for ever; the same number and content is never filed twice."),
]
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=250)]
Rows = Annotated[str, StringConstraints(max_length=LONGEST_XML)] | list[dict[str, Any]]
Amount = Annotated[Decimal, Number, Field(ge=0, le=Decimal(10) ** 13, decimal_places=2)]


class DeviceAnswer(Answer):
    """The envelope of every answer of the fiscal device.

    Attributes:
        code: 0 the device did it; -1 nobody knows yet, see message. Refusals are no 200.
        fiscal_day: the day the device is on; in answers to transact the receipt's own.
    """

    code: int = Field(description="0: done. -1: not known yet, see message.")
    message: str
    qr_code: str | None = None
    verification_code: str | None = None
    verification_link: str | None = None
    device_id: str | None = Field(default=None, alias="deviceID")
    device_serial_number: str | None = None
    fiscal_day: int | None = None


class CardData(Answer):
    """Who the device files for."""

    tin: str
    bpn: str
    vat: str
    companyname: str
    address: str
    registrationnumber: str
    serialnumber: str


class CardDetailsResponse(DeviceAnswer):
    """``CardDetailsResponse``."""

    data: CardData


class DayStatusData(Answer):
    """The fiscal day in the device's own words."""

    fiscal_day_status: str
    last_receipt_global_no: int | None
    last_fiscal_day_no: int | None
    operation_id: str | None = Field(alias="operationID")


class DayStatusResponse(DeviceAnswer):
    """``DayStatusResponse``."""

    data: DayStatusData


class LicenseData(Answer):
    """The software licence; its key is never told."""

    status: str
    start: str
    end: str


class LicenseResponse(DeviceAnswer):
    """``LicenseResponse``."""

    data: LicenseData


class SetLicenseRequest(Question):
    """A new licence key."""

    license: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)
    ] = Field(repr=False)


class VatTotal(Answer):
    """One rate of a Z report, in units of the currency."""

    vatrate: str
    nettamount: Decimal
    taxamount: Decimal


class ZReport(Answer):
    """One currency of a Z report."""

    currency: str
    date: str
    vat_totals: list[VatTotal]


class ZReportData(Answer):
    """All currencies of a closed day."""

    z_reports: list[ZReport]


class ZReportResponse(DeviceAnswer):
    """``ZReportResponse``; data is null where the answer that carried the figures was lost."""

    data: ZReportData | None


class InvoiceResponse(DeviceAnswer):
    """``InvoiceResponse``; data is the receipt as the device keeps it."""

    data: dict[str, Any]


class UnprocessedInvoice(Answer):
    """A receipt the authority has not got yet."""

    invoice_number: str
    invoice_amount: Decimal | None
    currency: str
    status: str
    created_date: str


class UnprocessedInvoicesSummaryResponse(DeviceAnswer):
    """``UnprocessedInvoicesSummaryResponse``."""

    data: list[UnprocessedInvoice]


class TransactData(Answer):
    """The numbers of a filed receipt; null while it is not known."""

    receipt_global_no: int | None
    receipt_counter: int | None
    fiscal_day_no: int | None
    invoice_no: str


class TransactMResponse(DeviceAnswer):
    """``TransactMResponse``; `status_url` is where to ask while the outcome is not known."""

    status_url: str | None = None
    data: TransactData


class TransactMRequest(Question):
    """``TransactMRequest``: a receipt to file.

    `items_xml` is an XML text, a JSON text or an array of rows with HH, ITEMCODE, ITEMNAME1, QTY,
    PRICE (VAT included), TAX and TAXR; `currencies_xml` likewise with Name, Amount and Rate.
    """

    currency: Words | None = None
    branch_name: Words | None = None
    invoice_number: InvoiceNumber
    original_invoice_number: Annotated[str, StringConstraints(max_length=50)] | None = None
    customer_name: Words | None = None
    customer_vat_number: Words | None = None
    customer_address: Words | None = None
    customer_telephone: Words | None = None
    customer_email: Words | None = None
    customer_bpn: Words | None = Field(default=None, alias="customerBPN")
    invoice_amount: Amount = Field(description="VAT included; the sum of the items.")
    invoice_tax_amount: Amount
    istatus: Words | None = Field(default=None, description="01 invoice, 02 credit, 03 debit note.")
    cashier: Words | None = None
    invoice_comment: Words | None = None
    items_xml: Rows
    currencies_xml: Rows | None = None


class TransactMExtRequest(TransactMRequest):
    """``TransactMExtRequest``: a note whose original another device filed."""

    ref_device_id: Annotated[int, Number, Field(ge=0, le=10**10)] | None = None
    ref_receipt_global_no: Annotated[int, Number, Field(ge=0, le=10**10)] | None = None
    ref_fiscal_day_no: Annotated[int, Number, Field(ge=0, le=10**6)] | None = None
