"""The shapes in which a box answers."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from fiscal.amount import cents, plain
from fiscal.chain import Counter, CounterType
from fiscal.simulator.receipt import FiledLine, Receipt
from fiscal.simulator.settings import DeviceSettings
from fiscal.simulator.state import State

Answer = dict[str, Any]

_SALES = {
    CounterType.SALE_BY_TAX,
    CounterType.CREDIT_NOTE_BY_TAX,
    CounterType.DEBIT_NOTE_BY_TAX,
}


def envelope(settings: DeviceSettings, state: State, *, code: str, message: str) -> Answer:
    """An answer without data; every value a text. FiscalDay is the day the box is on."""
    return {
        "Code": code,
        "Message": message,
        "QRcode": "",
        "VerificationCode": "",
        "VerificationLink": "",
        "DeviceID": settings.device_id,
        "DeviceSerialNumber": settings.serial,
        "FiscalDay": str(state.day.number) if state.day else "0",
        "Data": "",
    }


def with_qr(answer: Answer, receipt: Receipt, settings: DeviceSettings) -> Answer:
    """Add what is printed of a receipt."""
    return answer | {
        "QRcode": receipt.qr,
        "VerificationCode": receipt.verification_code,
        "VerificationLink": settings.qr_url,
    }


def receipt_data(receipt: Receipt, device_id: str) -> dict[str, Any]:
    """A receipt as GetInvoice shows it: numbers are JSON numbers, texts carry the device's id."""
    return {
        "receiptType": receipt.type,
        "receiptCurrency": receipt.currency,
        "receiptCounter": receipt.receipt_counter,
        "receiptGlobalNo": receipt.receipt_global_no,
        "invoiceNo": f"{device_id}-{receipt.number}",
        "buyerData": receipt.buyer,
        "receiptNotes": f"{device_id}- {receipt.comment}",
        "receiptDate": receipt.date,
        "creditDebitNote": _reference(receipt),
        "receiptLinesTaxInclusive": True,
        "receiptLines": [_line(line) for line in receipt.lines],
        "receiptTaxes": [
            {
                "salesAmountWithTax": row.sales,
                "taxAmount": row.tax,
                "taxID": row.tax_id,
                "taxCode": row.code,
                **({} if row.percent is None else {"taxPercent": row.percent}),
            }
            for row in receipt.taxes
        ],
        "receiptPayments": [{"moneyTypeCode": "Cash", "paymentAmount": receipt.paid}],
        "receiptTotal": receipt.total,
        "receiptPrintForm": "Receipt48",
        "receiptDeviceSignature": {"hash": receipt.hash, "signature": receipt.signature},
    }


def z_reports(counters: Iterable[Counter], *, date: str) -> dict[str, Any]:
    """The totals of a day per currency and tax rate, in whole cents as live boxes send them.

    Net is sales less tax over invoices, credit and debit notes (ZIMRA FDMS 7.2, Z report).
    """
    sums: dict[str, dict[tuple[int, Decimal | None], list[Decimal]]] = {}
    for row in counters:
        if row.money is None:
            rates = sums.setdefault(row.currency, {})
            gross_and_tax = rates.setdefault((row.tax_id, row.percent), [Decimal(0), Decimal(0)])
            gross_and_tax[0 if row.type in _SALES else 1] += row.value
    return {
        "ZReports": [
            {
                "Currency": currency,
                "Date": date,
                "VatTotals": [
                    {
                        "VATRATE": "EXEMPT" if percent is None else plain(percent),
                        "NETTAMOUNT": cents(gross - tax),
                        "TAXAMOUNT": cents(tax),
                    }
                    for (_, percent), (gross, tax) in rates.items()
                ],
            }
            for currency, rates in sorted(sums.items())
        ]
    }


def _line(line: FiledLine) -> dict[str, Any]:
    return {
        "receiptLineName": line.name,
        "receiptLineNo": line.number,
        "receiptLineQuantity": line.quantity,
        "receiptLineType": "Sale",
        "receiptLineTotal": line.total,
        "taxID": line.tax_id,
        "receiptLineHSCode": line.hs_code,
        "receiptLinePrice": line.price,
        "taxCode": line.tax_code,
        **({} if line.tax_percent is None else {"taxPercent": line.tax_percent}),
    }


def _reference(receipt: Receipt) -> dict[str, Any] | None:
    if receipt.original is None:
        return None
    return {
        "deviceID": int(receipt.original.device_id),
        "receiptGlobalNo": receipt.original.receipt_global_no,
        "fiscalDayNo": receipt.original.fiscal_day,
    }
