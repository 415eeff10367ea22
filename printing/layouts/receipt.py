"""The fiscal receipt on paper: tax invoice, invoice, credit note, debit note, and their copies.

Content and order follow ZIMRA FDMS 7.2 (printed receipt, 48 columns); narrower paper carries the
same content.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from printing.amount import money, plain_number, price
from printing.document import Align, Block, Columns, Document, Logo, Part, Qr, Rule, Size, Text
from printing.dress import CASHIER
from printing.layouts.parts import (
    MARGIN,
    buyer_block,
    centred,
    ending,
    heading,
    labelled,
    labels,
    pair,
    rule,
    seller_block,
    table,
    when,
)
from printing.receipt import Discount, Receipt, ReceiptKind, ReceiptLine, TaxRow, TenderLine
from printing.words import Words, words_in


def layout(
    receipt: Receipt, width: int, words: Words | None = None, *, compact: bool = False
) -> Document:
    """Lay a fiscal receipt out.

    Args:
        receipt: what was filed.
        width: columns of the printer's normal font: 48, 42, 32, any from 24 up.
        words: texts to use; those of the receipt's language by default.
        compact: the same content of the law on less paper; without phone and e-mail.

    Raises:
        NotFiscalised: the device's QR data or verification code is missing, so nothing that looks
            like a fiscal receipt may exist (ZIMRA FDMS 7.2; production lesson L38).
        InexactAmount: an amount has fractions of a cent.
        UnknownLanguage: there are no texts in the receipt's language.
    """
    receipt.check()
    texts = words or words_in(receipt.language)
    if compact:
        return _compact(receipt, texts, width)
    blocks = [
        *_head(receipt, texts, width),
        *_identity(receipt, texts, width),
        *_original(receipt, texts),
        *_lines(receipt, texts),
        *_totals(receipt, texts),
        *_taxes(receipt, texts),
        *_proof(receipt, texts),
        *_foot(receipt, texts),
        *ending(),
    ]
    return _document(blocks, receipt, texts, width)


def _document(blocks: list[Block], receipt: Receipt, words: Words, width: int) -> Document:
    title = title_of(receipt, words)
    return Document(tuple(blocks), title, receipt.language, width, receipt.reference)


def _compact(receipt: Receipt, words: Words, width: int) -> Document:
    """The same in small letters, one rule above the total, and each line on as few as it takes."""
    shows_tax = bool(receipt.seller.vat_number)
    seller = replace(receipt.seller, phone="", email="")
    above: list[Block] = [
        *_head(replace(receipt, seller=seller), words, width),
        *_identity(receipt, words, width),
        *_original(receipt, words),
    ]
    for line in receipt.lines:
        count, amount = _counted(line, words, shows_tax=shows_tax)
        above += [Columns(f"{line.name} {count}", amount), *_below(line, shows_tax=shows_tax)]
    above += [_discount(discount, shows_tax=shows_tax) for discount in receipt.discounts]
    below = (
        *_totals(receipt, words),
        *_taxes(receipt, words),
        *_proof(receipt, words),
        *_foot(receipt, words),
    )
    blocks = [*_plain(above), rule(), *_plain(below), *ending()]
    return _document(blocks, receipt, words, width)


def _plain(blocks: Iterable[Block]) -> list[Block]:
    """Without rules and large letters."""
    return [
        replace(block, size=Size.NORMAL) if isinstance(block, Text | Columns) else block
        for block in blocks
        if not isinstance(block, Rule)
    ]


def title_of(receipt: Receipt, words: Words) -> str:
    """The label the law wants for this document."""
    match receipt.kind:
        case ReceiptKind.CREDIT_NOTE:
            return words.credit_note
        case ReceiptKind.DEBIT_NOTE:
            return words.debit_note
        case ReceiptKind.INVOICE:
            return words.tax_invoice if receipt.seller.vat_number else words.invoice


def _head(receipt: Receipt, words: Words, width: int) -> list[Block]:
    return [
        *([Logo(receipt.logo)] if receipt.logo is not None else []),
        *seller_block(receipt.seller, words, width),
        *centred(receipt.header),
        rule(),
        heading(title_of(receipt, words), width),
        *_copy(receipt, words, width),
        rule(),
        *([*buyer_block(receipt.buyer, words), rule()] if receipt.buyer else []),
    ]


def _copy(receipt: Receipt, words: Words, width: int) -> list[Block]:
    """The mark of everything that is not the one original (VAT Act s20: one original only)."""
    if receipt.copy_number == 0:
        return []
    return [heading(f"*** {words.copy} {receipt.copy_number} ***", width)]


def _identity(receipt: Receipt, words: Words, width: int) -> list[Block]:
    fiscal = receipt.fiscal
    number = f"{fiscal.receipt_counter}/{fiscal.receipt_global_no}"
    cashier = f"{words.cashier}: {receipt.cashier}" if receipt.cashier else ""
    till = f"{words.till}: {receipt.till}" if receipt.till else ""
    return [
        *labels(
            (
                (words.invoice_number, number),
                (words.fiscal_day, str(fiscal.fiscal_day)),
                (words.reference, receipt.reference),
                (words.device_serial, fiscal.device_serial),
                (words.device_id, fiscal.device_id),
                (words.date, when(receipt.issued_at)),
            )
        ),
        Part(CASHIER, tuple(pair(cashier, till, width))),
        rule(),
    ]


def _original(receipt: Receipt, words: Words) -> list[Block]:
    original = receipt.original
    if original is None:
        return []
    is_credit = receipt.kind is ReceiptKind.CREDIT_NOTE
    return [
        Text(words.credited_invoice if is_credit else words.debited_invoice, bold=True),
        *labels(
            (
                (words.device_serial, original.device_serial),
                (words.invoice_number, str(original.receipt_global_no)),
                (words.date, when(original.issued_at)),
                (words.reference, original.reference),
            )
        ),
        rule(),
    ]


def _lines(receipt: Receipt, words: Words) -> list[Block]:
    shows_tax = bool(receipt.seller.vat_number)
    blocks: list[Block] = []
    for line in receipt.lines:
        blocks += _line(line, words, shows_tax=shows_tax)
    blocks += [_discount(discount, shows_tax=shows_tax) for discount in receipt.discounts]
    return [*blocks, rule()]


def _line(line: ReceiptLine, words: Words, *, shows_tax: bool) -> list[Block]:
    count, amount = _counted(line, words, shows_tax=shows_tax)
    below = _below(line, shows_tax=shows_tax)
    return [Text(line.name), Columns(count, amount, indent=MARGIN), *below]


def _counted(line: ReceiptLine, words: Words, *, shows_tax: bool) -> tuple[str, str]:
    """How much of it at which price, and what that comes to."""
    unit = words.each if line.uom == "each" else line.uom
    count = f"{plain_number(line.quantity)} {unit}".rstrip()
    letter = line.tax_letter if shows_tax else ""
    return f"{count} @ {price(line.price)}", _with_letter(money(line.amount), letter)


def _below(line: ReceiptLine, *, shows_tax: bool) -> list[Block]:
    note: list[Block] = [Text(line.note, indent=MARGIN)] if line.note.strip() else []
    return [*note, *(_discount(discount, shows_tax=shows_tax) for discount in line.discounts)]


def _discount(discount: Discount, *, shows_tax: bool) -> Columns:
    letter = discount.tax_letter if shows_tax else ""
    return Columns(discount.name, _with_letter(money(discount.amount), letter), indent=MARGIN)


def _with_letter(amount: str, letter: str) -> str:
    return f"{amount} {letter}" if letter else amount


def _totals(receipt: Receipt, words: Words) -> list[Block]:
    total = money(receipt.total)
    return [
        Columns(f"{words.total} {receipt.currency}", total, bold=True, size=Size.TALL),
        *(block for tender in receipt.tenders for block in tender_lines(tender)),
        *(
            Columns(f"{words.change} {change.currency}", money(change.amount), bold=True)
            for change in receipt.change
        ),
        labelled(words.item_count, plain_number(receipt.item_count)),
        rule(),
    ]


def tender_lines(tender: TenderLine) -> list[Block]:
    """What was handed over; in another currency with its rate and its worth in the receipt's."""
    if tender.equivalent is None:
        line = Columns(f"{tender.name} {tender.currency}", money(tender.amount))
    else:
        rate = f" @ {plain_number(tender.rate)}" if tender.rate is not None else ""
        given = f"{tender.name} {tender.currency} {money(tender.amount)}{rate}"
        line = Columns(given, money(tender.equivalent))
    note = [Text(tender.reference, indent=MARGIN)] if tender.reference.strip() else []
    return [line, *note]


def _taxes(receipt: Receipt, words: Words) -> list[Block]:
    """Net, VAT and gross per tax group; hidden for sellers who are not VAT payers."""
    if not receipt.seller.vat_number or not receipt.taxes:
        return []
    header = (words.tax, words.net, words.vat, words.gross)
    rows = [
        (tax_name(row, words), money(row.net), money(row.vat), money(row.gross))
        for row in receipt.taxes
    ]
    return [table(header, rows), rule()]


def tax_name(row: TaxRow, words: Words) -> str:
    """Letter and percentage of a tax group; exempt is a word, not a percentage."""
    rate = row.name or words.exempt if row.percent is None else f"{plain_number(row.percent)}%"
    return f"{row.letter} {rate}".strip()


def _proof(receipt: Receipt, words: Words) -> list[Block]:
    fiscal = receipt.fiscal
    return [
        Qr(fiscal.qr),
        Text(f"{words.verification_code}:", Align.CENTRE),
        Text(fiscal.verification_code, Align.CENTRE, bold=True),
        *centred((words.verify_at, fiscal.verification_url) if fiscal.verification_url else ()),
    ]


def _foot(receipt: Receipt, words: Words) -> list[Block]:
    notes: list[Block] = [rule(), labelled(words.notes, receipt.notes)] if receipt.notes else []
    return [*notes, *([rule()] if receipt.footer else []), *centred(receipt.footer)]
