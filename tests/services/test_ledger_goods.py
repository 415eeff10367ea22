"""Goods in the books of a shop without SAP: valued, balanced, proven, and equal to the shelf."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import delete, insert, select, text

from pos_app.domain.currency import Rate
from pos_app.domain.movement import MovementKind, Reason
from pos_app.domain.partner import Partner
from pos_app.domain.proof import Proof, Side
from pos_app.domain.purchase import PurchaseState
from pos_app.domain.trade import TradeKind, TradeState
from pos_app.services import count, movement, stock_report
from pos_app.services.check.invariants import check
from pos_app.services.count import Entered
from pos_app.services.posting.queueing import enqueue_sale
from pos_app.services.posting.work import work
from pos_app.services.proof import day as proofs
from pos_app.services.proof import form
from pos_app.services.purchase import make as make_purchase
from pos_app.services.purchase import receive
from pos_app.services.purchase.asked import Arrived, AskedLine, AskedPurchase, Receipt
from pos_app.services.report.form import REPORTS, as_text
from pos_app.services.report.scope import Asked
from pos_app.services.shop import FiscalRules, LedgerRules, Shop, StockRules
from pos_app.services.trade import make, move, view
from pos_app.services.trade.asked import AskedLine as AskedPart
from pos_app.services.trade.asked import AskedTrade
from pos_app.services.transfer import request, send
from pos_app.store import currency, level, partner, valuation, warehouse
from pos_app.store import ledger as books
from pos_app.store import posting as postings
from pos_app.store import trade as trades
from pos_app.store.engine import Store
from pos_app.store.level import Level
from pos_app.store.warehouse import Warehouse
from tests.office import Office, office
from tests.stockroom import BOSS, DEPOT, SHOP, to_depot

D = Decimal
HELPER = replace(BOSS, username="helper")
NO_DEVICE = FiscalRules(device="", is_required=False, deferred_count=0, deferred_hours=0)
REASONS = (
    Reason(code="damaged", name="Damaged", account="6400", kind=MovementKind.ISSUE),
    Reason(code="found", name="Found", kind=MovementKind.RECEIPT),
)


@pytest.fixture
def own(store: Store) -> Office:
    return opened(store)


@pytest.fixture
def quick(sqlite_store: Store) -> Office:
    return opened(sqlite_store)


def opened(store: Store, **changes: object) -> Office:
    """A server without SAP: a hundred of everything, of which milk and yoghurt cost 0.50."""
    rules = {"stock": StockRules(reasons=REASONS), "role": "server", "fiscal": NO_DEVICE} | changes
    house = office(store, has_sap=False, **rules)
    shop = house.shop
    with shop.store.write() as connection:
        warehouse.put(connection, [Warehouse(SHOP, "Shop"), Warehouse(DEPOT, "Depot")])
        level.put(connection, [Level(item, SHOP, D(0), D("0.5")) for item in ("MILK", "YOGHURT")])
        dairy = Partner("V0001", "Dairy", "1", "USD", kind="supplier")
        partner.put(connection, [dairy], at=shop.clock.now())
    return house


def book(house: Office) -> None:
    worked = work(house.shop, None, owner="w")
    assert (worked.waiting, worked.problem) == (0, "")


def order(house: Office, *lines: tuple[str, str, str], **changes: object) -> int:
    parts = tuple(
        AskedLine(item=item, quantity=D(quantity), unit_price=D(price), tax_percent=D("15.5"))
        for item, quantity, price in lines
    )
    asked = AskedPurchase(partner="V0001", warehouse=SHOP, lines=parts, **changes)  # type: ignore[arg-type]
    made = make_purchase.create(house.shop, BOSS, asked)
    make_purchase.to_state(house.shop, BOSS, made.entry, PurchaseState.APPROVED)
    return made.entry


def arrive(house: Office, entry: int, item: str, quantity: str, *, line: int = 0) -> None:
    came = Receipt(lines=(Arrived(line=line, item=item, quantity=D(quantity)),))
    receive.receive(house.shop, BOSS, entry, came)


def shift(house: Office, reason: str, item: str, quantity: str, cost: str = "") -> str:
    kind = MovementKind.ISSUE if reason == "damaged" else MovementKind.RECEIPT
    line = movement.Line(item=item, quantity=D(quantity), unit_cost=D(cost) if cost else None)
    asked = movement.Asked(kind=kind, warehouse=SHOP, reason=reason, lines=(line,))
    return movement.book(house.shop, BOSS, asked).id


def counted(house: Office, item: str, found: str) -> None:
    made = count.start(house.shop, BOSS, SHOP)
    count.enter(house.shop, HELPER, made.entry, [Entered(item=item, counted=D(found), batch="")])
    count.lock(house.shop, HELPER, made.entry)
    count.book(house.shop, BOSS, made.entry)


def trial(house: Office) -> dict[tuple[str, str], int]:
    with house.shop.store.read() as connection:
        rows = books.trial_balance(connection)
    made = {(row["code"], row["currency"]): row["debit"] - row["credit"] for row in rows}
    for currency_code in {key[1] for key in made}:
        assert sum(minor for key, minor in made.items() if key[1] == currency_code) == 0
    return {key: minor for key, minor in made.items() if minor}


def worth(house: Office, place: str) -> Decimal:
    return stock_report.value(house.shop, warehouse=place).value


def found(shop: Shop) -> set[str]:
    """What the checker finds of the way into the books; the till's part was not played."""
    words = ("ledger", "queue", "posting", "stock", "goods", "arrival", "count", "transit")
    return {row.code for row in check(shop, is_server=True) if any(w in row.code for w in words)}


def prove(house: Office) -> Proof:
    return proofs.of_server(house.shop, house.shop.today, books=None)


def test_goods_are_worth_their_moving_average_from_the_order_to_the_count(own: Office) -> None:
    arrive(own, order(own, ("MILK", "100", "1.10")), "MILK", "100")
    book(own)
    opening = 5000 + 1750
    assert trial(own) == {
        ("1400", "USD"): opening + 11000,
        ("2100", "USD"): -11000,
        ("3000", "USD"): -opening,
    }
    own.sell("MILK", quantity="10")
    send.send(own.shop, BOSS, to_depot(("MILK", "20")))
    shift(own, "damaged", "MILK", "5")
    counted(own, "MILK", "163")
    shift(own, "found", "MILK", "3", "2.00")
    book(own)
    accounts = trial(own)
    # 160.00 for 200: each is worth 0.80; ten sold, five broken, two not there, three found at 2.00.
    assert accounts["5000", "USD"] == 800
    assert accounts["6400", "USD"] == 400
    assert accounts["5400", "USD"] == 160 - 600
    assert accounts["1400", "USD"] == opening + 11000 - 800 - 400 - 160 + 600
    assert worth(own, DEPOT) == D("16.00")
    assert worth(own, DEPOT) + worth(own, SHOP) == D(accounts["1400", "USD"]).scaleb(-2)
    assert found(own.shop) == set()


def test_goods_of_unknown_cost_are_counted_and_have_no_value(quick: Office) -> None:
    shift(quick, "damaged", "BREAD", "2")
    shift(quick, "found", "BREAD", "1")
    quick.sell("BREAD")
    counted(quick, "BREAD", "90")
    book(quick)
    assert {key[0] for key in trial(quick)} == {"1110", "1400", "3000", "4000"}
    assert found(quick.shop) == set()
    assert prove(quick).differences == ()


def test_arrivals_in_parts_come_to_the_line_and_another_currency_to_its_rate(
    quick: Office,
) -> None:
    changes = {"currency": "ZIG", "discount_percent": D(10)}
    entry = order(quick, ("BREAD", "3", "29.45"), ("BOOK", "1", "1"), **changes)
    for _ in range(3):
        arrive(quick, entry, "BREAD", "1")
        book(quick)
    accounts = trial(quick)
    assert accounts["2100", "ZIG"] == -7952
    assert accounts["1900", "ZIG"] == 7952
    assert accounts["1900", "USD"] == -300
    assert found(quick.shop) == set()
    assert prove(quick).differences == ()


def test_an_arrival_in_a_currency_without_a_rate_waits_for_it(quick: Office) -> None:
    entry = order(quick, ("BREAD", "3", "26.50"), currency="ZIG")
    with quick.shop.store.write() as connection:
        connection.execute(text("DELETE FROM exchange_rates"))
    arrive(quick, entry, "BREAD", "3")
    work(quick.shop, None, owner="w")
    with quick.shop.store.read() as connection:
        rows = connection.execute(
            text("SELECT waits_for, attempts FROM postings WHERE kind = 'purchase_receipt'")
        ).all()
    assert [tuple(row) for row in rows] == [("rate", 0)]
    assert found(quick.shop) == set()
    with quick.shop.store.write() as connection:
        known = Rate("USD", "ZIG", D("26.5"), quick.shop.clock.now())
        currency.add_rate(connection, known, source="test")
    quick.shop.clock.sleep(3600)
    book(quick)
    assert trial(quick)["1900", "USD"] == -300


def test_goods_sold_before_they_came_get_their_cost_when_it_is_known(quick: Office) -> None:
    quick.shop = replace(quick.shop, rules=replace(quick.shop.rules, may_oversell=True))
    quick.sell("BOOK", quantity="104")
    arrive(quick, order(quick, ("BOOK", "10", "6.00")), "BOOK", "10")
    book(quick)
    accounts = trial(quick)
    # Four of them had been sold: 24.00 of the 60.00 are cost of sales, six are there.
    assert (accounts["5000", "USD"], accounts["1400", "USD"]) == (2400, 6750 + 3600)
    assert found(quick.shop) == set()


def test_accounts_are_those_of_the_settings(quick: Office) -> None:
    rules = LedgerRules(stock="1450", stock_of={DEPOT: "1460"}, received="2150", opening="3100")
    quick.shop = replace(quick.shop, rules=replace(quick.shop.rules, ledger=rules))
    arrive(quick, order(quick, ("MILK", "100", "0.50")), "MILK", "100")
    send.send(quick.shop, BOSS, to_depot(("MILK", "20")))
    book(quick)
    assert trial(quick) == {
        ("1450", "USD"): 6750 + 5000 - 1000,
        ("1460", "USD"): 1000,
        ("2150", "USD"): -5000,
        ("3100", "USD"): -6750,
    }


def test_the_trial_balance_is_printed_for_the_accountant(quick: Office) -> None:
    asked = Asked()
    assert "Nothing" in as_text(REPORTS["trial-balance"](quick.shop, asked, 9))
    shift(quick, "damaged", "MILK", "5")
    quick.sell("MILK", currency="ZIG")
    book(quick)
    table = REPORTS["trial-balance"](quick.shop, asked, 9)
    accounts = {(row[0], row[3]): (row[4], row[5]) for row in table.rows}
    assert accounts["6400", "USD"] == (D("2.50"), 0)
    assert accounts["3000", "USD"] == (0, D("67.50"))
    assert accounts["1111", "ZIG"] == (D("51.74"), 0)
    assert table.notes == ("Debit equals credit in each currency.",)
    with spoilt(quick, LINE.format("debit = debit + 1", "goods_issue") + "debit > 0"):
        [said] = REPORTS["trial-balance"](quick.shop, asked, 9).notes
    assert "differ by 0.01 USD" in said


def filled(house: Office) -> Office:
    """A day with one document of each kind, all of them in the books."""
    shop = house.shop
    for kind in TradeKind:
        line = AskedPart(item="MILK", quantity=D(2))
        asked = AskedTrade(kind=kind, partner="C0001", lines=(line,), source="Web")
        made = make.create(shop, BOSS, asked)
        if made.state != TradeState.APPROVED:
            move.approve(shop, BOSS, kind, made.entry)
    arrive(house, order(house, ("MILK", "10", "1.10")), "MILK", "4")
    wanted = request.ask(shop, BOSS, to_depot(("YOGHURT", "3")))
    request.convert(shop, BOSS, wanted.id)
    shift(house, "damaged", "MILK", "2")
    shift(house, "found", "MILK", "1")
    counted(house, "MILK", "102")
    house.sell("MILK")
    book(house)
    return house


def test_a_day_of_goods_and_promises_in_the_books_is_proven(own: Office) -> None:
    proof = prove(filled(own))
    assert [row.sentence for row in proof.differences] == []
    assert proof.is_equal
    counts = {row.name: row.values for row in proof.sums if row.is_count and row.till == "T01"}
    both = {Side.SERVER: 1, Side.SAP: 1}
    assert {name for name, values in counts.items() if values == both} == {
        "quotations", "sales orders", "purchase orders", "purchase receipts", "transfers",
        "transfer requests", "goods issues", "goods receipts", "counts", "count postings",
    }  # fmt: skip
    assert "Books" in form.as_text(proof)
    assert found(own.shop) == set()


KIND = "(SELECT entry FROM ledger_entries WHERE kind = '{}')"
LINE = f"UPDATE ledger_lines SET {{}} WHERE entry = {KIND} AND "
GOODS = f"UPDATE ledger_goods SET quantity = quantity + 1000000 WHERE entry = {KIND}"
HEAD = "UPDATE ledger_entries SET {} WHERE kind = '{}'"
MOVING = ("purchase_receipt", "goods_issue", "goods_receipt", "count_posting", "transfer")
PROMISES = ("quotation", "sales_order", "purchase_order", "transfer_request", "count")
DEEDS: dict[str, tuple[str, str, set[str]]] = {
    **{f"goods of a {k}": (GOODS.format(k), "sap_differs", {"in"}) for k in MOVING},
    **{
        f"day of a {k}": (HEAD.format("booked_on = '2026-10-31'", k), "sap_differs", {"day"})
        for k in (*MOVING, *PROMISES)
    },
    **{
        f"partner of a {k}": (HEAD.format("partner = 'C9'", k), "sap_differs", {"partner"})
        for k in ("quotation", "sales_order", "purchase_order", "purchase_receipt")
    },
    **{
        f"worth of a {k}": (
            LINE.format("debit = debit * 2, credit = credit * 2", k) + "tag = 'SHOP1'",
            "sap_differs",
            {"total"},
        )
        for k in MOVING
        if k != "purchase_receipt"
    },
    "what is owed for an arrival": (
        LINE.format("credit = credit + 1", "purchase_receipt") + "partner = 'V0001'",
        "sap_differs",
        {"total"},
    ),
    **{
        f"key of a {k}": (HEAD.format("key = 'else'", k), "sap_missing", set())
        for k in (*MOVING, *PROMISES)
    },
}


@contextmanager
def spoilt(house: Office, statement: str) -> Iterator[None]:
    """Change something behind the program's back, and put it back again."""
    tables = (
        books.ledger_entries, books.ledger_lines, valuation.ledger_goods, valuation.stock_values,
        postings.postings, trades.trades,
    )  # fmt: skip
    with house.shop.store.write() as connection:
        before = {each: connection.execute(select(each)).mappings().all() for each in tables}
        connection.execute(text(statement))
    yield
    with house.shop.store.write() as connection:
        connection.execute(text("PRAGMA defer_foreign_keys = on"))
        for each, rows in before.items():
            connection.execute(delete(each))
            if rows:
                connection.execute(insert(each), [dict(row) for row in rows])


def test_each_deed_in_the_books_is_the_one_difference(quick: Office) -> None:
    filled(quick)
    for deed, (statement, code, names) in DEEDS.items():
        with spoilt(quick, statement):
            differences = list(prove(quick).differences)
        if code == "sap_missing":
            assert differences.pop().code == "sap_extra"
        assert [one.code for one in differences] == [code], deed
        told = {one.name if " in " not in one.name else "in" for one in differences[0].figures}
        assert told == names, deed
        assert code == "sap_missing" or "of the books" in differences[0].name
    assert prove(quick).is_equal


SPOILT = {
    "ledger_goods_differ": GOODS.format("transfer"),
    "ledger_worth_differs": (
        "UPDATE ledger_goods SET value = value + 1 WHERE entry = " + KIND.format("goods_issue")
    ),
    "ledger_stock_differs": "UPDATE stock_values SET unvalued = 0 WHERE item = 'BREAD'",
    "ledger_entry_missing": HEAD.format("document_id = 'else'", "sales_order"),
    "goods_not_queued": ("UPDATE postings SET document_id = 'else' WHERE kind = 'goods_issue'"),
    "promise_not_queued": "UPDATE trades SET sap_key = 'x' WHERE kind = 'quotation'",
}


def test_what_is_spoilt_of_goods_is_named(quick: Office) -> None:
    filled(quick)
    for code, statement in SPOILT.items():
        with spoilt(quick, statement):
            assert code in found(quick.shop)
    assert found(quick.shop) == set()


def test_a_promise_gets_a_number_of_the_books_and_its_end_one_more(quick: Office) -> None:
    filled(quick)
    with quick.shop.store.read() as connection:
        known = {row["kind"]: row for row in books.of_day(connection, quick.shop.today)}
    made = view.get(quick.shop, known["sales_order"]["document_id"])
    assert (made.booked.state, made.booked.doc_num) == ("done", known["sales_order"]["number"])
    move.to_state(quick.shop, BOSS, TradeKind.SALES_ORDER, made.entry, new=TradeState.CANCELLED)
    book(quick)
    with quick.shop.store.read() as connection:
        kinds = [row["kind"] for row in books.of_document(connection, made.id)]
    assert kinds == ["sales_order", "trade_end"]
    assert prove(quick).is_equal
    assert found(quick.shop) == set()


def test_what_was_on_its_way_when_the_books_began_is_booked_once(quick: Office) -> None:
    shift(quick, "damaged", "MILK", "10")
    quick.sell("MILK", quantity="5")
    book(quick)
    # The opening has the hundred that were there; both documents took their part out of it.
    accounts = trial(quick)
    assert accounts["3000", "USD"] == -6750
    assert (accounts["6400", "USD"], accounts["5000", "USD"]) == (500, 250)
    assert found(quick.shop) == set()


def test_a_sale_queued_twice_moves_its_goods_once(quick: Office) -> None:
    sold = quick.sell("MILK")
    book(quick)
    before = trial(quick)
    with quick.shop.store.write() as connection, pytest.raises(Exception, match="postings"):
        enqueue_sale(quick.shop, connection, sale_id=sold.sale_id, source="T", reference="R")
    book(quick)
    assert trial(quick) == before
