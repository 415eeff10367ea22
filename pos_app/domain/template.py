"""Templates of papers and letters: what they may name, for each kind of document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pos_app.domain.paperwork import DocumentKind
from pos_app.errors import InvalidInput

LONGEST_TEMPLATE = 200_000
PAPER_SIZES = ("A4",)
ORIENTATIONS = ("Portrait",)


class TemplateInvalid(InvalidInput):
    """A template that cannot be made into a paper."""

    code = "template_invalid"

    def __init__(self, part: str, problem: str) -> None:
        super().__init__(
            f"The {part} of the template {problem.rstrip('.')}: correct it.",
            part=part,
            problem=problem,
        )


@dataclass(frozen=True, slots=True)
class Placeholder:
    """Something a template may name, as ``{{Key}}``."""

    key: str
    description: str
    example: str
    category: str


def _of(category: str, *rows: tuple[str, str, str]) -> tuple[Placeholder, ...]:
    return tuple(Placeholder(key, words, example, category) for key, words, example in rows)


_COMPANY = _of(
    "Company",
    ("CompanyName", "The shop", "Sunrise Grocers"),
    ("CompanyAddress", "Its address on one line", "12 First Street, Harare"),
    ("CompanyTin", "Its TIN", "2000123456"),
    ("CompanyVatNumber", "Its VAT number", "220123456"),
    ("CompanyPhone", "Its telephone", "+263 242 000000"),
    ("CompanyEmail", "Its e-mail address", "shop@example.com"),
)
_HEAD = _of(
    "Document",
    ("DocumentType", "What it is", "Invoice"),
    ("DocumentNumber", "Its number as people know it", "SRV-000001"),
    ("DocumentDate", "Its day", "2026-04-01"),
    ("DueDate", "Until when it is to be paid, or holds", "2026-05-01"),
    ("Reference", "The other side's number for it", "PO-1"),
    ("Status", "Where it stands", "Open"),
    ("Comments", "What was noted", "Deliver before noon"),
    ("CreatedBy", "Who made it", "rudo"),
)
_PARTNER = _of(
    "Partner",
    ("PartnerCode", "Customer or supplier, by code", "C0001"),
    ("PartnerName", "By name", "First Canteen"),
    ("PartnerAddress", "Address on one line", "1 Main Road, Harare"),
    ("PartnerTin", "TIN", "2000999888"),
    ("PartnerVatNumber", "VAT number", "220999888"),
    ("PartnerPhone", "Telephone", "+263 242 111111"),
    ("PartnerEmail", "E-mail address", "accounts@example.com"),
)
_AMOUNTS = _of(
    "Amounts",
    ("Currency", "Of every amount", "USD"),
    ("SubTotal", "Without VAT", "17.23"),
    ("TaxTotal", "The VAT", "2.67"),
    ("Total", "With VAT", "19.90"),
)
_PAID = _of(
    "Amounts",
    ("TotalPaid", "What was paid of it", "10.00"),
    ("Balance", "What is open", "9.90"),
)
_LINES = _of(
    "Lines",
    ("Lines.ItemCode", "Item, inside {% for line in Lines %} as {{line.ItemCode}}", "MILK"),
    ("Lines.Description", "What it is", "Milk 1 l"),
    ("Lines.Quantity", "How much", "10"),
    ("Lines.Uom", "Of which unit", "each"),
    ("Lines.UnitPrice", "Price of one", "1.99"),
    ("Lines.Tax", "Tax group or percentage", "15.5%"),
    ("Lines.LineTotal", "What the line comes to", "19.90"),
)
_MOVED = _of(
    "Lines",
    ("FromWarehouse", "Where goods left", "SHOP1"),
    ("ToWarehouse", "Where they go", "DEPOT"),
    ("Lines.ItemCode", "Item, inside {% for line in Lines %} as {{line.ItemCode}}", "MILK"),
    ("Lines.Description", "What it is", "Milk 1 l"),
    ("Lines.Quantity", "How much", "10"),
    ("Lines.Uom", "Of which unit", "each"),
)
_APPLIED = _of(
    "Lines",
    ("Lines.DocumentNumber", "Invoice that was paid, by number", "1000000001"),
    ("Lines.LineTotal", "How much of it", "19.90"),
)
_ENTRIES = _of(
    "Lines",
    ("FromDate", "First day", "2026-01-01"),
    ("ToDate", "Last day", "2026-03-31"),
    ("OpeningBalance", "Owed before", "0.00"),
    ("Lines.Date", "Day of an entry", "2026-03-01"),
    ("Lines.DocumentNumber", "Its document", "SRV-000001"),
    ("Lines.Description", "What it is", "Invoice"),
    ("Lines.Currency", "Its currency", "USD"),
    ("Lines.LineTotal", "Its amount", "19.90"),
    ("Lines.Balance", "What is owed after it", "19.90"),
)

_SALE = (*_COMPANY, *_HEAD, *_PARTNER, *_AMOUNTS)
PLACEHOLDERS: Mapping[DocumentKind, tuple[Placeholder, ...]] = {
    DocumentKind.INVOICE: (*_SALE, *_PAID, *_LINES),
    DocumentKind.CREDIT_NOTE: (*_SALE, *_LINES),
    DocumentKind.QUOTATION: (*_SALE, *_LINES),
    DocumentKind.SALES_ORDER: (*_SALE, *_LINES),
    DocumentKind.PURCHASE_ORDER: (*_SALE, *_LINES),
    DocumentKind.PAYMENT: (*_SALE, *_APPLIED),
    DocumentKind.TRANSFER: (*_COMPANY, *_HEAD, *_MOVED),
    DocumentKind.STATEMENT: (*_SALE, *_ENTRIES),
}

LETTER = _of(
    "Letter",
    ("RecipientName", "Who gets it", "Anna Moyo"),
    ("MessageBody", "What the sender adds", "Please find it attached."),
)


def fields_of(kind: DocumentKind) -> frozenset[str]:
    """What a template of a kind may name outside of its lines."""
    return frozenset(row.key for row in PLACEHOLDERS[kind] if "." not in row.key)


def line_fields_of(kind: DocumentKind) -> frozenset[str]:
    """What it may name of a line."""
    keys = (row.key for row in PLACEHOLDERS[kind])
    return frozenset(key.partition(".")[2] for key in keys if "." in key)


LETTER_FIELDS = frozenset(row.key for row in LETTER).union(*map(fields_of, DocumentKind))
"""What a letter may name: everything any document has; what this one has not stays empty."""

_HEADING = """<h1>{{DocumentType}} {{DocumentNumber}}</h1>
<p><b>{{CompanyName}}</b></p>
<p>{{CompanyAddress}}{% if CompanyTin %}<br>TIN: {{CompanyTin}}{% endif %}</p>
<p>{{PartnerCode}} {{PartnerName}}<br>{{PartnerAddress}}</p>
<p>{{DocumentDate}}{% if Reference %} / {{Reference}}{% endif %}</p>
"""
_COMMENTS = "{% if Comments %}<p>{{Comments}}</p>{% endif %}"
_TOTAL = '<p align="right"><b>Total: {{Total}} {{Currency}}</b></p>'
_GOODS = """<table>
<tr><th>Item</th><th>Description</th><th align="right">Quantity</th><th>Unit</th>
<th align="right">Price</th><th align="right">Amount</th></tr>
{% for line in Lines %}
<tr><td>{{line.ItemCode}}</td><td>{{line.Description}}</td><td>{{line.Quantity}}</td>
<td>{{line.Uom}}</td><td>{{line.UnitPrice}}</td><td>{{line.LineTotal}}</td></tr>
{% endfor %}
</table>
<p align="right">Without VAT: {{SubTotal}}<br>VAT: {{TaxTotal}}</p>
"""
_SOLD = _HEADING + _GOODS + _TOTAL + _COMMENTS
_PAYMENT = """<table>
<tr><th>Invoice</th><th align="right">Amount</th></tr>
{% for line in Lines %}
<tr><td>{{line.DocumentNumber}}</td><td>{{line.LineTotal}}</td></tr>
{% endfor %}
</table>
"""
_TRANSFER = """<h1>{{DocumentType}} {{DocumentNumber}}</h1>
<p><b>{{CompanyName}}</b></p>
<p>{{DocumentDate}}{% if Reference %} / {{Reference}}{% endif %}</p>
<p>From {{FromWarehouse}} to {{ToWarehouse}}</p>
<table>
<tr><th>Item</th><th>Description</th><th align="right">Quantity</th><th>Unit</th></tr>
{% for line in Lines %}
<tr><td>{{line.ItemCode}}</td><td>{{line.Description}}</td><td>{{line.Quantity}}</td>
<td>{{line.Uom}}</td></tr>
{% endfor %}
</table>
"""
_STATEMENT = """<p>{{FromDate}} - {{ToDate}}</p>
<table>
<tr><th>Date</th><th>Document</th><th>Description</th><th>Currency</th>
<th align="right">Amount</th><th align="right">Balance</th></tr>
{% for line in Lines %}
<tr><td>{{line.Date}}</td><td>{{line.DocumentNumber}}</td><td>{{line.Description}}</td>
<td>{{line.Currency}}</td><td>{{line.LineTotal}}</td><td>{{line.Balance}}</td></tr>
{% endfor %}
</table>
"""
STANDARD: Mapping[DocumentKind, str] = {
    DocumentKind.INVOICE: _SOLD,
    DocumentKind.CREDIT_NOTE: _SOLD,
    DocumentKind.QUOTATION: _SOLD,
    DocumentKind.SALES_ORDER: _SOLD,
    DocumentKind.PURCHASE_ORDER: _SOLD,
    DocumentKind.PAYMENT: _HEADING + _PAYMENT + _TOTAL + _COMMENTS,
    DocumentKind.TRANSFER: _TRANSFER + _COMMENTS,
    DocumentKind.STATEMENT: _HEADING + _STATEMENT,
}
"""What a paper looks like where the shop has no template and no page of its own for it."""
