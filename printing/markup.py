"""A little HTML as a paper: headings, paragraphs, lists and tables become blocks of a document.

What is not in the list below is refused, not dropped: a paper must not look complete when part of
it is missing. Nothing is ever fetched; pictures come from the shop's own stationery.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from html.parser import HTMLParser

from printing.document import Align, Block, Feed, Field, Line, Rule, Size, Table, Text
from printing.errors import PrintingError

HEADINGS = {"h1": Size.DOUBLE, "h2": Size.TALL, "h3": Size.NORMAL, "h4": Size.NORMAL}
BOLD = frozenset({"b", "strong", "th", *HEADINGS})
BLOCKS = frozenset(
    {"p", "div", "section", "header", "footer", "address", "blockquote", "ul", "ol", "li", "body",
     "html", "main", "article", *HEADINGS}
)  # fmt: skip
INLINE = frozenset({"b", "strong", "i", "em", "u", "small", "span", "br", "hr"})
TABLES = frozenset({"table", "thead", "tbody", "tfoot", "tr", "td", "th"})
TAGS = BLOCKS | INLINE | TABLES
ATTRIBUTES = frozenset({"align", "class", "id", "style", "width", "border", "lang", "dir"})
_ALIGNS = {"left": Align.LEFT, "right": Align.RIGHT, "center": Align.CENTRE}
_VOID = frozenset({"br", "hr"})

Attributes = list[tuple[str, "str | None"]]


class MarkupRefused(PrintingError):
    """The HTML holds something papers do not have."""


@dataclass
class _Grid:
    rows: list[list[str]] = field(default_factory=list)
    heads: list[bool] = field(default_factory=list)
    aligns: dict[int, Align] = field(default_factory=dict)


def blocks_of(html: str) -> tuple[Block, ...]:
    """The blocks of an HTML text.

    Raises:
        MarkupRefused: it holds an element or attribute papers do not have, or a table in a table.
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    reader.end()
    return tuple(reader.blocks)


def check(html: str) -> None:
    """Refuse what `blocks_of` would refuse."""
    blocks_of(html)


def check_style(css: str) -> None:
    """Refuse style sheets that would fetch something or end where they stand.

    Raises:
        MarkupRefused: this one would.
    """
    plain = css.lower().replace(" ", "")
    for mark in ("<", "url(", "@import", "expression(", "\\"):
        if mark in plain:
            raise MarkupRefused(f"A style sheet of papers has no {mark}.")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[Block] = []
        self._words: list[str] = []
        self._is_bold: list[bool] = []
        self._open: list[tuple[str, Align | None]] = []
        self._grid: _Grid | None = None

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        """Open an element."""
        if tag not in TAGS:
            raise MarkupRefused(f"Papers have no <{tag[:20]}>: use {', '.join(sorted(TAGS))}.")
        for name, value in attrs:
            _check_attribute(name, value or "")
        align = _align(attrs)
        if tag == "br":
            self._words.append("\n")
        elif tag == "hr":
            self._paragraph()
            self.blocks.append(Rule())
        elif tag in TABLES:
            self._table(tag, align)
        elif tag in BLOCKS:
            self._paragraph()
        if tag not in _VOID:
            self._open.append((tag, align))

    def handle_endtag(self, tag: str) -> None:
        """Close an element, and what was left open inside it."""
        if tag not in {name for name, _ in self._open}:
            return
        if tag in {"td", "th"}:
            self._cell()
        elif tag == "table":
            self._whole_table()
        elif tag in BLOCKS:
            self._paragraph()
        while self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        """Take words in."""
        if data.strip() or self._words:
            self._words.append(" " if not data.strip() else data)
            if data.strip():
                self._is_bold.append(any(name in BOLD for name, _ in self._open))

    def handle_decl(self, decl: str) -> None:
        """A doctype says nothing on paper."""

    def unknown_decl(self, data: str) -> None:
        """A CDATA section is no HTML."""
        raise MarkupRefused(f"Papers have no <![{data[:20]}.")

    def end(self) -> None:
        """Take what was never closed."""
        if self._grid is not None:
            self._cell()
            self._whole_table()
        self._paragraph()

    def _paragraph(self) -> None:
        if self._grid is not None:
            return
        text, is_bold = self._taken()
        size = next((HEADINGS[name] for name, _ in reversed(self._open) if name in HEADINGS), None)
        align = next((one for _, one in reversed(self._open) if one is not None), Align.LEFT)
        is_item = any(name == "li" for name, _ in self._open)
        for number, line in enumerate(text.split("\n")):
            words = " ".join(line.split())
            if words:
                shown = f"- {words}" if is_item and not number else words
                self.blocks.append(Text(shown, align, is_bold, size or Size.NORMAL))
            elif number and text:
                self.blocks.append(Feed(1))

    def _taken(self) -> tuple[str, bool]:
        text = "".join(" ".join(part.split("\n")) if part != "\n" else part for part in self._words)
        is_bold = bool(self._is_bold) and all(self._is_bold)
        self._words, self._is_bold = [], []
        return text.strip(), is_bold

    def _table(self, tag: str, align: Align | None) -> None:
        if tag == "table":
            if self._grid is not None:
                raise MarkupRefused("Papers have no table in a table.")
            self._paragraph()
            self._grid = _Grid()
        elif self._grid is None:
            raise MarkupRefused(f"A <{tag}> stands outside of a table.")
        elif tag == "tr":
            self._grid.rows.append([])
            self._grid.heads.append(False)
        elif tag in {"td", "th"}:
            if not self._grid.rows:
                raise MarkupRefused(f"A <{tag}> stands outside of a row.")
            if align is not None:
                self._grid.aligns.setdefault(len(self._grid.rows[-1]), align)
            self._grid.heads[-1] |= tag == "th"
            self._words, self._is_bold = [], []

    def _cell(self) -> None:
        if self._grid is not None and self._grid.rows:
            text, _ = self._taken()
            self._grid.rows[-1].append(" ".join(text.split()))

    def _whole_table(self) -> None:
        grid, self._grid = self._grid, None
        if grid is not None:
            self.blocks += _made(grid)


def _made(grid: _Grid) -> Iterable[Block]:
    """A table of rows of equal length; its widest column takes the room that is left."""
    count = max(map(len, grid.rows), default=0)
    if not count:
        return []
    rows = [tuple(row + [""] * (count - len(row))) for row in grid.rows]
    has_head = grid.heads[0]
    titles = rows[0] if has_head else ("",) * count
    body = rows[1:] if has_head else rows
    longest = [max((len(row[place]) for row in rows), default=0) for place in range(count)]
    widest = longest.index(max(longest))
    fields = tuple(
        Field(titles[place], grid.aligns.get(place, Align.LEFT), grows=place == widest)
        for place in range(count)
    )
    return [Table(fields, tuple(Line(row) for row in body)), Feed(1)]


def _align(attributes: Attributes) -> Align | None:
    told = dict(attributes)
    style = (told.get("style") or "").replace(" ", "").lower()
    wanted = style.partition("text-align:")[2].partition(";")[0] or (told.get("align") or "")
    return _ALIGNS.get(wanted.lower())


def _check_attribute(name: str, value: str) -> None:
    if name not in ATTRIBUTES:
        raise MarkupRefused(f"Elements of papers have no {name[:20]}.")
    if name == "style":
        check_style(value)
