"""What is wrong with a receipt in itself and in its chain (ZIMRA FDMS 7.2, validation errors)."""

from __future__ import annotations

import base64
from datetime import datetime, timedelta
from decimal import Decimal

from fiscal.amount import added_tax, included_tax, line_total, round_money
from fiscal.chain import hash_of, receipt_text
from fiscal.signing import is_signed
from fiscal.simulator.authority.case import Case, Colour, Rule
from fiscal.simulator.receipt import FiledLine

_HS_LENGTHS = frozenset({4, 8})
_ZERO = Decimal(0)

TaxKey = tuple[int, str, Decimal | None]


def _is_currency_unknown(case: Case) -> bool:
    return not case.taxpayer.knows_currency(case.receipt.currency, on=case.dated_at.date())


def _is_counter_wrong(case: Case) -> bool:
    receipt, link = case.receipt, case.link
    before = link.previous.receipt_counter if link.previous and link.follows_in_day(receipt) else 0
    return receipt.receipt_counter != before + 1


def _is_global_number_wrong(case: Case) -> bool:
    return case.link.is_number_wrong


def _is_number_used(case: Case) -> bool:
    return not case.is_number_new


def _is_before_opening(case: Case) -> bool:
    return case.dated_at <= case.opened


def _has_no_lines(case: Case) -> bool:
    return not case.receipt.lines


def _has_no_taxes(case: Case) -> bool:
    return not case.receipt.taxes


def _has_no_payments(case: Case) -> bool:
    return not case.receipt.payments


def _is_sum_wrong(case: Case) -> bool:
    receipt = case.receipt
    return receipt.is_tax_inclusive and receipt.total != _lines_total(case)


def _is_signature_wrong(case: Case) -> bool:
    receipt, link = case.receipt, case.link
    chained = link.previous if link.follows_in_day(receipt) else None
    text = receipt_text(
        case.device_id,
        receipt.type,
        currency=receipt.currency,
        global_no=receipt.receipt_global_no,
        date_text=receipt.date,
        total=receipt.total,
        taxes=receipt.taxes,
        previous_hash=chained.hash if chained else "",
    )
    if receipt.hash != hash_of(text):
        return True
    return not is_signed(text, _bytes(receipt.signature), case.public_pem)


def _is_taxed_without_vat(case: Case) -> bool:
    return not case.taxpayer.vat_number and any(row.percent for row in case.receipt.taxes)


def _is_price_sign_wrong(case: Case) -> bool:
    """A sale costs more than nothing, a discount less; on a credit note the other way round."""
    return any(
        line.price * case.sign * (-1 if line.type == "Discount" else 1) <= 0
        for line in case.receipt.lines
    )


def _is_quantity_wrong(case: Case) -> bool:
    return any(line.quantity <= 0 for line in case.receipt.lines)


def _is_line_total_wrong(case: Case) -> bool:
    return any(line.total != line_total(line.quantity, line.price) for line in case.receipt.lines)


def _is_tax_unknown(case: Case) -> bool:
    pairs = {(row.tax_id, row.percent) for row in case.receipt.taxes}
    pairs |= {(line.tax_id, line.tax_percent) for line in case.receipt.lines}
    return any(
        not case.taxpayer.knows_tax(tax_id, percent, on=case.tax_date) for tax_id, percent in pairs
    )


def _is_tax_amount_wrong(case: Case) -> bool:
    due = {key: tax for key, (_, tax) in _due(case).items()}
    sent = {(row.tax_id, row.code, row.percent): row.tax for row in case.receipt.taxes}
    return due != sent or len(sent) != len(case.receipt.taxes)


def _are_taxed_sales_wrong(case: Case) -> bool:
    due = {key: sales for key, (sales, _) in _due(case).items()}
    sent = {(row.tax_id, row.code, row.percent): row.sales for row in case.receipt.taxes}
    return due != sent or len(sent) != len(case.receipt.taxes)


def _is_payment_sign_wrong(case: Case) -> bool:
    return any(row.amount * case.sign < 0 for row in case.receipt.payments)


def _is_not_later(case: Case) -> bool:
    previous = case.link.previous
    return previous is not None and case.dated_at <= datetime.fromisoformat(previous.date)


def _is_in_the_future(case: Case) -> bool:
    return case.dated_at - case.now > case.settings.future_tolerance


def _is_exclusive_sum_wrong(case: Case) -> bool:
    receipt = case.receipt
    taxes = sum((row.tax for row in receipt.taxes), _ZERO)
    return not receipt.is_tax_inclusive and receipt.total != _lines_total(case) + taxes


def _is_total_not_of_taxes(case: Case) -> bool:
    return case.receipt.total != sum((row.sales for row in case.receipt.taxes), _ZERO)


def _is_total_not_paid(case: Case) -> bool:
    return case.receipt.total != case.receipt.paid


def _is_total_sign_wrong(case: Case) -> bool:
    return case.receipt.total * case.sign < 0


def _is_day_too_long(case: Case) -> bool:
    return case.dated_at - case.opened > timedelta(hours=case.taxpayer.day_hours_max)


def _is_buyer_unnamed(case: Case) -> bool:
    buyer = case.receipt.buyer
    needed = ("buyerRegisterName", "buyerTIN")
    return buyer is not None and not all(buyer.get(key, "").strip() for key in needed)


def _lacks_customs_code(case: Case) -> bool:
    return bool(case.taxpayer.vat_number) and any(
        line.type == "Sale" and not line.hs_code for line in case.receipt.lines
    )


def _is_customs_code_wrong(case: Case) -> bool:
    codes = [line for line in case.receipt.lines if line.hs_code]
    return any(not _is_customs_code(line, is_vat=bool(case.taxpayer.vat_number)) for line in codes)


def _is_customs_code(line: FiledLine, *, is_vat: bool) -> bool:
    """Four or eight digits; exactly eight for what a VAT payer sells zero rated or exempt."""
    if not line.hs_code.isdigit() or len(line.hs_code) not in _HS_LENGTHS:
        return False
    return len(line.hs_code) == max(_HS_LENGTHS) or bool(line.tax_percent) or not is_vat


def _lines_total(case: Case) -> Decimal:
    return sum((line.total for line in case.receipt.lines), _ZERO)


def _due(case: Case) -> dict[TaxKey, tuple[Decimal, Decimal]]:
    """Sales with tax, and tax, by tax id, code and percent; rounded once per group."""
    sums: dict[TaxKey, Decimal] = {}
    for line in case.receipt.lines:
        key = (line.tax_id, line.tax_code, line.tax_percent)
        sums[key] = sums.get(key, _ZERO) + line.total
    if case.receipt.is_tax_inclusive:
        return {key: (total, included_tax(total, key[2])) for key, total in sums.items()}
    return {key: _with_tax(net, key[2]) for key, net in sums.items()}


def _with_tax(net: Decimal, percent: Decimal | None) -> tuple[Decimal, Decimal]:
    return round_money(net * (1 + (percent or _ZERO) / 100)), added_tax(net, percent)


def _bytes(signature: str) -> bytes:
    try:
        return base64.b64decode(signature, validate=True)
    except ValueError:
        return b""


RULES = (
    Rule("RCPT010", Colour.RED, _is_currency_unknown),
    Rule("RCPT011", Colour.RED, _is_counter_wrong, needs_previous=True),
    Rule("RCPT012", Colour.RED, _is_global_number_wrong, needs_previous=True),
    Rule("RCPT013", Colour.RED, _is_number_used),
    Rule("RCPT014", Colour.YELLOW, _is_before_opening),
    Rule("RCPT016", Colour.RED, _has_no_lines),
    Rule("RCPT017", Colour.RED, _has_no_taxes),
    Rule("RCPT018", Colour.RED, _has_no_payments),
    Rule("RCPT019", Colour.RED, _is_sum_wrong),
    Rule("RCPT020", Colour.RED, _is_signature_wrong, needs_previous=True),
    Rule("RCPT021", Colour.RED, _is_taxed_without_vat),
    Rule("RCPT022", Colour.RED, _is_price_sign_wrong),
    Rule("RCPT023", Colour.RED, _is_quantity_wrong),
    Rule("RCPT024", Colour.RED, _is_line_total_wrong),
    Rule("RCPT025", Colour.RED, _is_tax_unknown),
    Rule("RCPT026", Colour.RED, _is_tax_amount_wrong),
    Rule("RCPT027", Colour.RED, _are_taxed_sales_wrong),
    Rule("RCPT028", Colour.RED, _is_payment_sign_wrong),
    Rule("RCPT030", Colour.RED, _is_not_later, needs_previous=True),
    Rule("RCPT031", Colour.YELLOW, _is_in_the_future),
    Rule("RCPT037", Colour.RED, _is_exclusive_sum_wrong),
    Rule("RCPT038", Colour.RED, _is_total_not_of_taxes),
    Rule("RCPT039", Colour.RED, _is_total_not_paid),
    Rule("RCPT040", Colour.RED, _is_total_sign_wrong),
    Rule("RCPT041", Colour.YELLOW, _is_day_too_long),
    Rule("RCPT043", Colour.RED, _is_buyer_unnamed),
    Rule("RCPT047", Colour.RED, _lacks_customs_code),
    Rule("RCPT048", Colour.RED, _is_customs_code_wrong),
)
"""The signature covers the hash before it, so it too waits for the receipt before."""
