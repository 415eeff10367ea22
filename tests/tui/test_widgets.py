"""Widgets alone: what they paint, and how little."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from textual import events
from textual.app import App, ComposeResult

from pos_app.domain.item import Item
from pos_app.domain.money import Money
from pos_app.domain.price import PriceQuote
from pos_app.domain.sale import SaleLine
from pos_app.domain.tax import TaxGroup, TaxKind
from pos_app.tui.theme import THEME
from pos_app.tui.widgets.bar import Fact, FactBar, fitting
from pos_app.tui.widgets.basket import Basket
from pos_app.tui.widgets.count_grid import CountGrid
from pos_app.tui.widgets.entry_line import EntryLine
from pos_app.tui.widgets.key_bar import fitting as fitting_keys
from pos_app.tui.widgets.pages import PAGE, PAGES_KEPT, Page, Pages
from pos_app.tui.widgets.record_list import RecordList
from pos_app.tui.widgets.strips import Column, widths
from pos_app.tui.widgets.text import Text
from pos_app.tui.widgets.totals import Totals, large
from tests.tui.grocer import NASTY

COUNT = 100_000


class Stage(App[None]):
    """Shows one widget."""

    def __init__(self, make: Callable[[], object]) -> None:
        super().__init__()
        self.register_theme(THEME)
        self.theme = THEME.name
        self._make = make

    def compose(self) -> ComposeResult:
        self.shown = self._make()
        yield self.shown


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(3000):
        if condition():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it never happened")


def text_of(app: App[None]) -> str:
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


class Numbers:
    """A hundred thousand rows read by key, counting what is asked of it."""

    def __init__(self, count: int = COUNT) -> None:
        self.count, self.asked = count, []

    def __call__(self, after: object | None, limit: int) -> Page[int]:
        self.asked.append(after)
        start = 0 if after is None else int(after) + 1
        rows = tuple(range(start, min(start + limit, self.count)))
        return Page(rows, rows[-1] if rows and rows[-1] + 1 < self.count else None)


COLUMNS = (Column("Number", 10, lambda row: row, align="right"), Column("Name", 0, lambda _: NASTY))


async def ask(call):
    return await asyncio.to_thread(call)


async def test_a_list_of_a_hundred_thousand_rows_reads_only_what_is_seen():
    source = Numbers()
    app = Stage(lambda: RecordList(COLUMNS, ask))
    async with app.run_test(size=(60, 20)) as pilot:
        app.shown.show(source)
        await until(lambda: "18" in text_of(app))
        assert (source.asked, app.shown.row) == ([None], 0)
        app.shown.focus()
        await pilot.press("pagedown")
        await until(lambda: app.shown.cursor == 18)
        assert "Number" in text_of(app)
        assert len(source.asked) == 1


async def test_end_goes_to_the_last_row_and_home_reads_what_was_forgotten():
    source = Numbers(PAGE * 20 + 7)
    app = Stage(lambda: RecordList(COLUMNS, ask))
    async with app.run_test(size=(60, 20)) as pilot:
        app.shown.show(source)
        app.shown.focus()
        await pilot.press("end")
        await until(lambda: app.shown.row == PAGE * 20 + 6)
        assert len(source.asked) <= 21 + 2  # and what was in sight meanwhile
        await until(lambda: str(PAGE * 20 + 6) in text_of(app))
        await pilot.press("home")
        await until(lambda: app.shown.row == 0 and " 5  " in text_of(app))
        assert source.asked.count(None) <= 3


async def test_a_page_that_cannot_be_read_is_told_and_tried_again():
    source, failures, told = Numbers(), [OSError("gone")], []

    def shaky(after, limit):
        if failures:
            raise failures.pop()
        return source(after, limit)

    class Told(Stage):
        def on_record_list_read_failed(self, message: RecordList.ReadFailed) -> None:
            told.append(message.error)

    app = Told(lambda: RecordList(COLUMNS, ask))
    async with app.run_test(size=(60, 20)):
        app.shown.show(shaky)
        await until(lambda: bool(told))
        app.shown.show(shaky)
        await until(lambda: app.shown.row == 0)


async def test_an_empty_list_says_so_and_chooses_nothing():
    chosen = []

    class Chosen(Stage):
        def on_record_list_chosen(self, message: RecordList.Chosen) -> None:
            chosen.append(message.row)

    app = Chosen(lambda: RecordList(COLUMNS, ask, empty="No receipt fits."))
    async with app.run_test(size=(60, 20)) as pilot:
        app.shown.show(Numbers(0))
        await until(lambda: "No receipt fits." in text_of(app))
        app.shown.focus()
        await pilot.press("enter", "down", "end")
        assert chosen == []
        app.shown.show(Numbers(2))
        await until(lambda: app.shown.row == 0)
        await pilot.press("down", "enter")
        assert chosen == [1]


def test_pages_forget_the_oldest_and_know_where_each_begins():
    source = Numbers(PAGE * 12)
    pages = Pages(source)
    for number in range(12):
        pages.take(number, pages.reading(number)())
    assert (pages.known, pages.is_whole) == (PAGE * 12, True)
    assert pages.is_missing(0)
    assert not pages.is_missing(PAGE * 11)
    assert pages.is_missing(PAGE * (12 - PAGES_KEPT) - 1)
    pages.take(0, pages.reading(0)())
    assert pages.row(3) == 3
    assert pages.known == PAGE * 12


def test_columns_share_the_width_exactly_and_hide_when_there_is_no_room():
    columns = (Column("a", 4, str), Column("b", 0, str), Column("c", 6, str, least=40))
    assert widths(columns, 40) == (4, 40 - 2 - 4 - 6 - 4, 6)
    assert widths(columns, 39) == (4, 39 - 2 - 4 - 2, 0)
    assert widths(columns, 3) == (4, 1, 0)


TAX = TaxGroup(
    code="A", name="Standard", kind=TaxKind.STANDARD, percent=Decimal("15.5"),
    fiscal_tax_id="3", fiscal_code="A", sap_vat_group="O1", valid_from=datetime.now(UTC).date(),
)  # fmt: skip


def line(number: int, *, name: str = "Bread", percent: str = "0") -> SaleLine:
    return SaleLine(
        number=number,
        item=Item(f"I{number}", f"{name} {number}", "each", 0, "A"),
        quantity=Decimal(2),
        quote=PriceQuote(
            unit_price=Decimal("1.50"), currency="USD", is_gross=True, price_list="1",
            rule="list", explanation="list Retail",
        ),
        tax=TAX,
        discount_percent=Decimal(percent),
    )  # fmt: skip


def lines(count: int) -> tuple[SaleLine, ...]:
    return tuple(line(number) for number in range(1, count + 1))


class Counting(Basket):
    """A basket that notes which lines it is asked to paint."""

    def __init__(self) -> None:
        super().__init__()
        self.painted: list[int] = []

    def render_line(self, y):
        self.painted.append(y)
        return super().render_line(y)


async def painted_by(pilot, basket: Counting, deed: Callable[[], None]) -> set[int]:
    await pilot.pause()
    basket.painted.clear()
    deed()
    await pilot.pause()
    return set(basket.painted)


async def test_a_scan_paints_its_row_and_the_one_that_was_marked():
    app = Stage(Counting)
    async with app.run_test(size=(80, 30)) as pilot:
        basket = app.shown
        some = lines(10)
        basket.show(some)
        assert await painted_by(pilot, basket, lambda: basket.show((*some, line(11)))) == {10, 11}
        assert await painted_by(pilot, basket, lambda: basket.mark(-1)) == {10, 11}
        assert await painted_by(pilot, basket, lambda: basket.show(basket.lines)) == set()
        now = basket.lines
        changed = (*now[:4], replace(now[4], quantity=Decimal(3)), *now[5:])
        assert await painted_by(pilot, basket, lambda: basket.show(changed)) == {5, 10}
        assert basket.marked.quantity == 3


async def test_a_basket_scrolls_by_half_its_height_and_keeps_the_mark_in_sight():
    app = Stage(Counting)
    async with app.run_test(size=(80, 21)) as pilot:
        basket, tops = app.shown, []
        for count in range(1, 61):
            basket.show(lines(count))
            tops.append(basket.top)
            assert basket.top <= basket.cursor < basket.top + 20
        assert len(set(tops)) <= 6
        await pilot.pause()
        assert "Bread 60" in text_of(app)
        assert "┃" in text_of(app)
        for _ in range(59):
            basket.mark(-1)
        await pilot.pause()
        assert basket.marked.number == 1
        assert "Bread 1 " in text_of(app)
        basket.show(())
        await pilot.pause()
        assert "Scan the first item" in text_of(app)


async def test_a_basket_shows_what_a_cashier_asks_about():
    app = Stage(Counting)
    async with app.run_test(size=(110, 12)) as pilot:
        app.shown.show((line(7, name=NASTY, percent="12.5"),))
        await pilot.pause()
        row = text_of(app).splitlines()[1]
        assert "10% [/] [b·[2J· off" in row
        for part in ("  7", "2", "1.50", "-12.5 %", "2.63"):
            assert part in row
        app.shown.show((line(1, name="日本語の商品名" * 20),))
        await pilot.pause()
        assert "…" in text_of(app)


def test_large_digits_stand_in_three_rows_of_equal_width():
    for text in ("0.00", "1,234,567.89", "-3.50"):
        rows = large(text)
        assert len({len(row) for row in rows}) == 1


async def test_an_amount_too_wide_for_large_digits_is_still_shown():
    app = Stage(Totals)
    async with app.run_test(size=(30, 6)) as pilot:
        app.shown.show("TOTAL", Money.of("1234567890.12", "USD"), below="= 1 ZIG")
        await pilot.pause()
        assert "1,234,567,890.12" in text_of(app)
        assert "TOTAL USD" in text_of(app)


def test_the_lightest_facts_and_keys_give_way():
    facts = [Fact("rate", weight=2), Fact("fiscal", weight=9), Fact("pace", weight=1)]
    assert [fact.text for fact in fitting(facts, 40)] == ["rate", "fiscal", "pace"]
    assert [fact.text for fact in fitting(facts, 16)] == ["rate", "fiscal"]
    assert [fact.text for fact in fitting(facts, 9)] == ["fiscal"]
    keys = [("F1", "Help", 9), ("F4", "Price", 4), ("F9", "Pay", 9)]
    assert [key[0] for key in fitting_keys(keys, 80)] == ["F1", "F4", "F9"]
    assert [key[0] for key in fitting_keys(keys, 20)] == ["F1", "F9"]


async def test_a_bar_paints_nothing_when_nothing_changed():
    class Noting(FactBar):
        count = 0

        def render_line(self, y):
            Noting.count += 1
            return super().render_line(y)

    app = Stage(Noting)
    async with app.run_test(size=(60, 5)) as pilot:
        app.shown.show([Fact("[b")], [Fact("right")])
        await pilot.pause()
        before = Noting.count
        app.shown.show([Fact("[b")], [Fact("right")])
        await pilot.pause()
        assert Noting.count == before
        assert text_of(app).splitlines()[0].strip().startswith("[b")
        assert text_of(app).splitlines()[0].rstrip().endswith("right")


async def test_a_count_adds_up_per_currency_and_refuses_what_is_too_much():
    app = Stage(lambda: CountGrid(["USD", "ZIG", "XXX"]))
    async with app.run_test(size=(80, 20)) as pilot:
        app.shown.focus()
        await pilot.press("3", "down", "2", "0", "backspace", "enter", "right", "4")
        assert app.shown.totals() == {"USD": Money.of("400", "USD"), "ZIG": Money.of("200", "ZIG")}
        await pilot.press(*"99999999")
        assert app.shown.counts()[-1].pieces == 499999
        await pilot.press("delete", "home", "up", "0")
        assert app.shown.totals()["ZIG"].is_zero
        assert "counted" in text_of(app)


@pytest.mark.parametrize(
    ("pasted", "taken"),
    [("abc\ndef", "abc"), ("a\x1b[2Jb", "a·[2Jb"), ("", ""), ("\n", ""), ("\u202eab", "·ab")],
)
async def test_a_paste_is_one_line_of_plain_characters(pasted, taken):
    app = Stage(lambda: EntryLine(keeps=True))
    async with app.run_test(size=(40, 5)) as pilot:
        app.shown.focus()
        app.post_message(events.Paste(pasted))
        await pilot.pause()
        assert app.shown.value == taken


async def test_data_is_never_markup():
    app = Stage(lambda: Text(NASTY))
    async with app.run_test(size=(60, 5)) as pilot:
        assert "10% [/] [b·[2J· off" in text_of(app)
        app.shown.say(("[bold]x[/bold]", "$text-error"), " [/]\x07")
        await pilot.pause()
        assert "[bold]x[/bold] [/]·" in text_of(app)
