"""The daily proof, for a page or a roll: the differences first, then the figures side by side."""

from __future__ import annotations

from collections.abc import Iterator

from printing.document import (
    PAGE_WIDTH,
    Align,
    Block,
    Document,
    Feed,
    Field,
    Line,
    Size,
    Table,
    Text,
)
from printing.layouts.parts import (
    ending,
    facts,
    filled,
    heading,
    labels,
    page_head,
    page_title,
    rule,
    when,
)
from printing.layouts.trade import day
from printing.proof import DailyProof, ProofPart
from printing.words import Words, words_in

MARK = "*"


def daily_proof(proof: DailyProof, width: int = PAGE_WIDTH, words: Words | None = None) -> Document:
    """Lay a daily proof out; a figure on which the sides do not agree is marked and bold.

    Raises:
        UnknownLanguage: there are no texts in the proof's language.
    """
    texts = words or words_in(proof.language)
    blocks = [
        *_head(proof, width, texts),
        Text(proof.verdict, bold=True, size=Size.TALL),
        *(Text(line) for line in proof.unread),
        *_differences(proof, texts),
        *(block for part in proof.parts for block in _part(part, proof.sides, texts)),
        *ending(),
    ]
    reference = proof.day.isoformat()
    return Document(tuple(blocks), texts.daily_proof, proof.language, width, reference)


def _head(proof: DailyProof, width: int, words: Words) -> list[Block]:
    pairs = ((words.on_date, day(proof.day)), (words.made_at, when(proof.made_at)))
    if width >= PAGE_WIDTH:
        left = (Text(proof.shop, bold=True, size=Size.TALL), *facts(pairs))
        return [*page_head(left, page_title(words.daily_proof, "")), Feed()]
    return [
        Text(proof.shop, Align.CENTRE, bold=True),
        heading(words.daily_proof, width),
        rule(),
        *labels(pairs),
        rule(),
    ]


def _differences(proof: DailyProof, words: Words) -> Iterator[Block]:
    if not proof.differences:
        return
    fields = (
        Field(words.document, Align.LEFT),
        Field(words.difference, Align.LEFT, grows=True),
        Field(words.since),
    )
    rows = (Line((row.document, row.sentence, row.age)) for row in proof.differences)
    yield Feed()
    yield filled(Table(fields, tuple(rows)))


def _part(part: ProofPart, sides: tuple[str, ...], words: Words) -> Iterator[Block]:
    yield Feed()
    yield Text(f"{words.till} {part.till}, {part.currency}", bold=True)
    fields = (
        Field(words.figure, Align.LEFT, grows=True),
        *(Field(side) for side in sides),
        Field(""),
    )
    rows = (
        Line((row.name, *row.cells, MARK if row.differs else " "), bold=row.differs)
        for row in part.figures
    )
    yield Table(fields, tuple(rows))
