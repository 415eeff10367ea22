"""The fiscal receipt on an A4 page: the content of the roll, with columns for its lines.

Content follows ZIMRA FDMS 7.2 (printed receipt, A4): what the roll says, and code, quantity,
price and VAT of each line in columns.
"""

from __future__ import annotations

from printing.amount import money, plain_number, price
from printing.document import (
    PAGE_WIDTH,
    Align,
    Beside,
    Block,
    Columns,
    Document,
    Feed,
    Field,
    Line,
    Part,
    Qr,
    Size,
    Table,
    Text,
    Together,
)
from printing.dress import CASHIER
from printing.layouts.parts import (
    buyer_block,
    copy_mark,
    facts,
    filled,
    labelled,
    page_head,
    page_title,
    seller_lines,
    table,
    when,
)
from printing.layouts.receipt import tax_name, tender_lines, title_of
from printing.receipt import Discount, Receipt, ReceiptKind, ReceiptLine
from printing.words import Words, words_in


def receipt_page(receipt: Receipt, words: Words | None = None) -> Document:
    """Lay a fiscal receipt out for a page.

    Args:
        receipt: what was filed.
        words: texts to use; those of the receipt's language by default.

    Raises:
        NotFiscalised: the device's QR data or verification code is missing, so nothing that looks
            like a fiscal receipt may exist (ZIMRA FDMS 7.2; production lesson L38).
        InexactAmount: an amount has fractions of a cent.
        UnknownLanguage: there are no texts in the receipt's language.
    """
    receipt.check()
    texts = words or words_in(receipt.language)
    blocks: tuple[Block, ...] = (
        *page_head(
            (*seller_lines(receipt.seller, texts), *map(Text, receipt.header)),
            (*_title(receipt, texts), *_identity(receipt, texts)),
        ),
        *_parties(receipt, texts),
        _lines(receipt, texts),
        Together((Feed(), Beside(_taxes(receipt, texts), _totals(receipt, texts)))),
        Together((Feed(), *_proof(receipt, texts))),
    )
    return Document(
        blocks, title_of(receipt, texts), receipt.language, PAGE_WIDTH, receipt.reference
    )


def _title(receipt: Receipt, words: Words) -> tuple[Block, ...]:
    return page_title(title_of(receipt, words), copy_mark(receipt.copy_number, words))


def _identity(receipt: Receipt, words: Words) -> tuple[Block, ...]:
    fiscal = receipt.fiscal
    pairs = (
        (words.invoice_number, f"{fiscal.receipt_counter}/{fiscal.receipt_global_no}"),
        (words.fiscal_day, str(fiscal.fiscal_day)),
        (words.reference, receipt.reference),
        (words.device_serial, fiscal.device_serial),
        (words.device_id, fiscal.device_id),
        (words.date, when(receipt.issued_at)),
    )
    served = facts(((words.cashier, receipt.cashier), (words.till, receipt.till)))
    return (Feed(), *facts(pairs), Part(CASHIER, served))


def _parties(receipt: Receipt, words: Words) -> tuple[Block, ...]:
    """The buyer when known, beside the receipt that is corrected."""
    buyer = tuple(buyer_block(receipt.buyer, words)) if receipt.buyer else ()
    original = receipt.original
    if original is None:
        return (*buyer, Feed()) if buyer else ()
    is_credit = receipt.kind is ReceiptKind.CREDIT_NOTE
    corrected: tuple[Block, ...] = (
        Text(words.credited_invoice if is_credit else words.debited_invoice, bold=True),
        *facts(
            (
                (words.device_serial, original.device_serial),
                (words.invoice_number, str(original.receipt_global_no)),
                (words.date, when(original.issued_at)),
                (words.reference, original.reference),
            )
        ),
    )
    return (Beside(buyer, corrected), Feed())


def _lines(receipt: Receipt, words: Words) -> Table:
    rates = {row.letter: tax_name(row, words) for row in receipt.taxes}
    is_taxed = bool(receipt.seller.vat_number)
    fields = [
        Field(words.code, Align.LEFT),
        Field(words.description, Align.LEFT, grows=True),
        Field(words.quantity),
        Field(words.unit, Align.LEFT),
        Field(words.unit_price),
        *([Field(words.tax)] if is_taxed else []),
        Field(f"{words.gross} {receipt.currency}"),
    ]
    lines: list[Line] = []
    for line in receipt.lines:
        lines += _line(line, words, rates if is_taxed else None)
    lines += [_discount(discount, rates if is_taxed else None) for discount in receipt.discounts]
    return filled(Table(tuple(fields), tuple(lines)))


def _line(line: ReceiptLine, words: Words, rates: dict[str, str] | None) -> list[Line]:
    tax = () if rates is None else (rates.get(line.tax_letter, line.tax_letter),)
    cells = (
        line.code,
        line.name,
        plain_number(line.quantity),
        words.each if line.uom == "each" else line.uom,
        price(line.price),
        *tax,
        money(line.amount),
    )
    first = Line(cells, (line.note,) if line.note.strip() else ())
    return [first, *(_discount(discount, rates, follows=True) for discount in line.discounts)]


def _discount(discount: Discount, rates: dict[str, str] | None, *, follows: bool = False) -> Line:
    tax = () if rates is None else (rates.get(discount.tax_letter, discount.tax_letter),)
    return Line(("", discount.name, "", "", "", *tax, money(discount.amount)), follows=follows)


def _totals(receipt: Receipt, words: Words) -> tuple[Block, ...]:
    total = f"{words.total} {receipt.currency}"
    return (
        Columns(total, money(receipt.total), bold=True, size=Size.TALL),
        *(block for tender in receipt.tenders for block in tender_lines(tender)),
        *(
            Columns(f"{words.change} {change.currency}", money(change.amount))
            for change in receipt.change
        ),
        Columns(words.item_count, plain_number(receipt.item_count)),
    )


def _taxes(receipt: Receipt, words: Words) -> tuple[Block, ...]:
    """Net, VAT and gross per tax group; hidden for sellers who are not VAT payers."""
    if not receipt.seller.vat_number or not receipt.taxes:
        return ()
    rows = [
        (tax_name(row, words), money(row.net), money(row.vat), money(row.gross))
        for row in receipt.taxes
    ]
    return (table((words.tax, words.net, words.vat, words.gross), rows),)


def _proof(receipt: Receipt, words: Words) -> tuple[Block, ...]:
    fiscal = receipt.fiscal
    notes = (labelled(words.notes, receipt.notes), Feed()) if receipt.notes.strip() else ()
    verify = (
        (Text(words.verify_at), Text(fiscal.verification_url)) if fiscal.verification_url else ()
    )
    code: tuple[Block, ...] = (
        Text(f"{words.verification_code}:"),
        Text(fiscal.verification_code, bold=True),
        *verify,
    )
    footer = tuple(Text(line) for line in receipt.footer if line.strip())
    return (Beside((Qr(fiscal.qr),), (*notes, *code, Feed(), *footer)),)
