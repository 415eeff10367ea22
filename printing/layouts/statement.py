"""The statement of a customer's account, for a page or a roll."""

from __future__ import annotations

from printing.amount import money
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
    Size,
    Table,
    Text,
    Together,
)
from printing.dress import AGES
from printing.layouts.parts import (
    buyer_block,
    ending,
    filled,
    labelled,
    letterhead,
    rule,
    table,
)
from printing.layouts.trade import day
from printing.statement import Statement, StatementLine
from printing.words import Words, words_in


def statement_paper(
    statement: Statement, width: int = PAGE_WIDTH, words: Words | None = None
) -> Document:
    """Lay a customer's statement out.

    Raises:
        InexactAmount: an amount has fractions of a cent.
        UnknownLanguage: there are no texts in the statement's language.
    """
    texts = words or words_in(statement.language)
    pairs = (
        (texts.account, statement.account),
        (texts.period, f"{day(statement.begins)} - {day(statement.ends)}"),
        (texts.closing_balance, f"{money(statement.closing)} {statement.currency}"),
    )
    titles = (texts.statement, texts.not_fiscal)
    blocks: list[Block] = [
        *letterhead(statement.seller, titles, pairs, words=texts, width=width),
        *buyer_block(statement.partner, texts, texts.customer.upper()),
        Feed() if width >= PAGE_WIDTH else rule(),
        _entries(statement, texts),
        Together((Feed(), *_closing(statement, texts))),
        Feed(),
        *([labelled(texts.notes, statement.notes)] if statement.notes.strip() else []),
        *(Text(line) for line in statement.footer if line.strip()),
        *ending(),
    ]
    return Document(tuple(blocks), texts.statement, statement.language, width, statement.account)


def _entries(statement: Statement, words: Words) -> Table:
    fields = (
        Field(words.on_date, Align.LEFT),
        Field(words.document, Align.LEFT),
        Field(words.description, Align.LEFT, grows=True),
        Field(words.due, Align.LEFT),
        Field(words.debit),
        Field(words.credit),
        Field(f"{words.balance} {statement.currency}"),
    )
    opening = Line(
        (day(statement.begins), "", words.opening_balance, "", "", "", money(statement.opening)),
        bold=True,
    )
    return filled(Table(fields, (opening, *(_entry(line) for line in statement.lines))))


def _entry(line: StatementLine) -> Line:
    owed = line.amount >= 0
    return Line(
        (
            day(line.on),
            line.document,
            line.what,
            day(line.due),
            money(line.amount) if owed else "",
            "" if owed else money(-line.amount),
            money(line.balance),
        )
    )


def _closing(statement: Statement, words: Words) -> list[Block]:
    name = f"{words.closing_balance} {statement.currency}"
    closing = Columns(name, money(statement.closing), bold=True, size=Size.TALL)
    if not statement.ages:
        return [closing]
    rows = [(age.name, money(age.amount)) for age in statement.ages]
    ages = Part(AGES, (table((words.age, words.amount), rows),))
    return [Beside((closing,), (ages,))]
