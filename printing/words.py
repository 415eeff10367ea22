"""The texts on paper, by language; a shop may replace any of them in its configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from printing.clean import clean
from printing.errors import EmptyText, UnknownLanguage, UnknownProfile


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Every fixed text of the layouts; texts only, no formats, no code.

    The first four and the headings of numbers are the law's own words (ZIMRA FDMS 7.2, receipt
    content); configuration can change them, an inspector would object.
    """

    tax_invoice: str = "FISCAL TAX INVOICE"
    invoice: str = "FISCAL INVOICE"
    credit_note: str = "CREDIT NOTE"
    debit_note: str = "DEBIT NOTE"
    copy: str = "COPY"
    tin: str = "TIN"
    vat_number: str = "VAT No"
    phone: str = "Tel"
    email: str = "Email"
    buyer: str = "BUYER"
    invoice_number: str = "Invoice No"
    fiscal_day: str = "Fiscal day No"
    reference: str = "Customer reference No"
    device_serial: str = "Device Serial No"
    device_id: str = "Device ID"
    date: str = "Date"
    till: str = "Till"
    cashier: str = "Cashier"
    credited_invoice: str = "CREDITED INVOICE"
    debited_invoice: str = "DEBITED INVOICE"
    each: str = "each"
    total: str = "TOTAL"
    change: str = "Change"
    item_count: str = "Number of items"
    tax: str = "VAT %"
    net: str = "Net"
    vat: str = "VAT"
    gross: str = "Amount"
    exempt: str = "Exempt"
    verification_code: str = "Verification code"
    verify_at: str = "You can verify this receipt at"
    notes: str = "Notes"
    order_slip: str = "ORDER SLIP"
    parked_sale: str = "PARKED SALE"
    not_a_receipt: str = "NOT A RECEIPT - NOT PAID"
    not_fiscal: str = "NOT A FISCAL RECEIPT"
    parked_at: str = "Parked"
    valid_until: str = "Kept until"
    customer: str = "Customer"
    recall_hint: str = "Scan this code at the till to go on"
    shift_x: str = "SHIFT X REPORT"
    shift_close: str = "SHIFT CLOSE"
    shift: str = "Shift"
    business_date: str = "Business date"
    opened: str = "Opened"
    closed: str = "Closed"
    printed: str = "Printed"
    sales: str = "Sales"
    refunds: str = "Refunds"
    voids: str = "Voids"
    float_in: str = "Float"
    cash_sales: str = "Cash taken"
    cash_refunds: str = "Cash refunded"
    change_given: str = "Change given"
    paid_in: str = "Paid in"
    loans: str = "From the safe"
    paid_out: str = "Paid out"
    pickups: str = "Pickups"
    expected: str = "Expected"
    counted: str = "Counted"
    over: str = "OVER"
    short: str = "SHORT"
    agrees: str = "Difference"
    tenders: str = "TENDERS"
    not_counted: str = "not counted"
    signature: str = "Signature"
    z_report: str = "Z REPORT"
    x_report: str = "X REPORT"
    daily_totals: str = "DAILY TOTALS"
    total_net: str = "Total net amount"
    total_tax: str = "Total tax amount"
    total_gross: str = "Total gross amount"
    net_of: str = "Net"
    tax_of: str = "Tax"
    gross_of: str = "Gross"
    documents: str = "DOCUMENTS"
    invoices: str = "Invoices"
    credit_notes: str = "Credit notes"
    debit_notes: str = "Debit notes"
    quantity: str = "Quantity"
    total_amount: str = "Total amount"
    total_documents: str = "Total documents"
    page: str = "Page"
    page_of: str = "of"
    unshown: str = "A question mark in a name may stand for a sign that the font does not have."
    code: str = "Code"
    description: str = "Description"
    unit: str = "Unit"
    unit_price: str = "Price"
    quotation: str = "QUOTATION"
    sales_order: str = "SALES ORDER"
    delivery_note: str = "DELIVERY NOTE"
    pro_forma: str = "PRO FORMA INVOICE"
    number: str = "No"
    on_date: str = "Date"
    valid_to: str = "Valid until"
    deliver_to: str = "DELIVER TO"
    your_reference: str = "Your reference"
    made_by: str = "Made by"
    terms: str = "Terms"
    received_by: str = "Received in good order by"
    statement: str = "STATEMENT"
    account: str = "Account"
    period: str = "Period"
    opening_balance: str = "Opening balance"
    closing_balance: str = "Closing balance"
    document: str = "Document"
    debit: str = "Debit"
    credit: str = "Credit"
    balance: str = "Balance"
    due: str = "Due"
    age: str = "Age of what is owed"
    transfer: str = "STOCK TRANSFER"
    from_warehouse: str = "From"
    to_warehouse: str = "To"
    sent: str = "Sent"
    received: str = "Received"
    sent_by: str = "Sent by"
    taken_by: str = "Received by"
    count_sheet: str = "COUNT SHEET"
    warehouse: str = "Warehouse"
    in_books: str = "In books"
    counted_by: str = "Counted by"
    checked_by: str = "Checked by"
    pay_in: str = "CASH PAID IN"
    pay_out: str = "CASH PAID OUT"
    pickup: str = "CASH PICKUP"
    loan: str = "CASH FROM THE SAFE"
    float_slip: str = "FLOAT"
    amount: str = "Amount"
    reason: str = "Reason"
    approved_by: str = "Approved by"
    drawer_opened: str = "DRAWER OPENED"
    drawer_openings: str = "Drawer opened"
    drawer_no_sale: str = "Without a sale"
    drawer_unasked: str = "By nobody's wish"
    per_unit: str = "per"
    daily_proof: str = "DAILY PROOF"
    difference: str = "Difference"
    figure: str = "Figure"
    made_at: str = "Made"
    since: str = "Since"


ENGLISH = Words()
WORDS: Mapping[str, Words] = {"en": ENGLISH}


def words_in(language: str) -> Words:
    """The texts of a language; raises UnknownLanguage."""
    if language not in WORDS:
        raise UnknownLanguage(language, tuple(WORDS))
    return WORDS[language]


def edited(words: Words, texts: Mapping[str, str]) -> Words:
    """Replace texts by name, as configuration does.

    Raises:
        UnknownProfile: there is no text of a name.
        EmptyText: a text would say nothing.
    """
    known = tuple(field.name for field in fields(Words))
    for name, text in texts.items():
        if name not in known:
            raise UnknownProfile(f"receipt text named {name!r}", known)
        if not clean(text).strip():
            raise EmptyText(name)
    return replace(words, **texts)
