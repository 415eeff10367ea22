"""The shapes in which a box answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fiscal.amount import cents, plain
from fiscal.chain import Counter
from fiscal.simulator.figures import tax_figures
from fiscal.simulator.receipt import FiledLine, Receipt
from fiscal.simulator.settings import DeviceSettings
from fiscal.simulator.state import State

Answer = dict[str, Any]


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


def with_numbers(answer: Answer, receipt: Receipt, settings: DeviceSettings) -> Answer:
    """Add the numbers of a receipt beside its data, as texts, as some boxes do."""
    return answer | {
        "FiscalDayNo": str(receipt.fiscal_day),
        "ReceiptGlobalNo": str(receipt.receipt_global_no),
        "ReceiptCounter": str(receipt.receipt_counter),
        "DeviceSerial": settings.serial,
        "FiscalDayDate": receipt.date[:10],
        "ReceiptDate": receipt.date,
    }


def camel_cased(answer: Answer) -> Answer:
    """The same answer with keys that begin in lower case, and the receipt's in upper case."""
    spelt = {key[0].lower() + key[1:]: value for key, value in answer.items()}
    spelt["qrCode"] = spelt.pop("qRcode")
    data = spelt.get("data")
    if isinstance(data, dict) and "receipt" in data:
        spelt["data"] = {"Receipt": data["receipt"]}
    return spelt


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
        "receiptLinesTaxInclusive": receipt.is_tax_inclusive,
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
        "receiptPayments": [
            {"moneyTypeCode": row.money_type, "paymentAmount": row.amount}
            for row in receipt.payments
        ],
        "receiptTotal": receipt.total,
        "receiptPrintForm": "Receipt48",
        "receiptDeviceSignature": {"hash": receipt.hash, "signature": receipt.signature},
    }


def z_reports(counters: Iterable[Counter], *, date: str, is_in_cents: bool) -> dict[str, Any]:
    """The totals of a day per currency and tax rate, as live boxes send them.

    Args:
        counters: of the day.
        date: on which it was opened.
        is_in_cents: whether amounts are whole cents.
    """
    return {
        "ZReports": [
            {
                "Currency": currency,
                "Date": date,
                "VatTotals": [
                    {
                        "VATRATE": "EXEMPT" if row.percent is None else plain(row.percent),
                        "NETTAMOUNT": cents(row.net) if is_in_cents else row.net,
                        "TAXAMOUNT": cents(row.tax) if is_in_cents else row.tax,
                    }
                    for row in rows
                ],
            }
            for currency, rows in tax_figures(counters).items()
        ]
    }


def _line(line: FiledLine) -> dict[str, Any]:
    return {
        "receiptLineName": line.name,
        "receiptLineNo": line.number,
        "receiptLineQuantity": line.quantity,
        "receiptLineType": line.type,
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
