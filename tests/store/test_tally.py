"""What the database keeps of how many rows lists have is what counting them gives."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Connection, Integer, Table, Text, delete, insert, select, update

from pos_app.store import invoice, payment, recount, tally, webhook
from pos_app.store.archive.content import shapes
from pos_app.store.archive.load import fill
from pos_app.store.engine import Store, open_store
from pos_app.store.invoice import Wanted
from pos_app.store.sale import sales
from pos_app.store.schema import BusinessDate, Flag, Instant, Json, Micro, Minor
from pos_app.store.tables import all_tables
from pos_app.store.tally import ALL_SPANS, TALLY, tallies

START = datetime(2026, 11, 1, 8, tzinfo=UTC)
COUNTED = sorted(made.name for made in all_tables().sorted_tables if TALLY in made.info)
NEVER_CHANGED = ("audit",)
DEEDS = ("come", "come", "come", "change", "change", "go", "many")
WORDS = ("Open", "Draft", "Posted", "A", "B", "quotation")


class Failed(Exception):
    """Ends a transaction that is to be undone."""


def table_of(name: str) -> Table:
    return all_tables().tables[name]


VALUES: dict[type[Any], Callable[[random.Random, int], Any]] = {
    Flag: lambda rng, _: rng.random() < 0.5,
    BusinessDate: lambda rng, _: START.date() + timedelta(days=rng.randrange(4)),
    Instant: lambda _, number: START + timedelta(seconds=number),
    Json: lambda _, __: {},
    Micro: lambda rng, _: Decimal(rng.randrange(9)),
    Minor: lambda rng, _: rng.randrange(3),
}


def value_for(column: Any, rng: random.Random, number: int) -> Any:
    if column.nullable and rng.random() < 0.5:
        return None
    if type(column.type) in VALUES:
        return VALUES[type(column.type)](rng, number)
    if column.foreign_keys:
        return f"id-{number}" if isinstance(column.type, Text) else rng.randrange(1, 3)
    whole = isinstance(column.type, Integer)
    if column.unique or column.primary_key or column.name in ("number", "client_request"):
        return number if whole else f"{column.name}-{number}"
    return rng.randrange(9) if whole else rng.choice(WORDS)


def row_for(made: Table, rng: random.Random, number: int) -> dict[str, Any]:
    counted = made.autoincrement_column
    columns = [column for column in made.columns if column is not counted]
    return {column.name: value_for(column, rng, number) for column in columns}


def sold(connection: Connection, made: Table, row: dict[str, Any]) -> None:
    """The sale that a row of a list is of, where its table asks for one."""
    if made.name == "desktop_sales":
        sale = row_for(sales, random.Random(1), int(row["sale_id"].removeprefix("id-")))
        none = {column.name: 0 for column in sales.columns if isinstance(column.type, Minor)}
        alone: dict[str, Any] = {"id": row["sale_id"], "shift_id": None, "original_id": None}
        connection.execute(insert(sales).values(sale | none | alone))


def listen(connection: Connection) -> None:
    """Webhooks that deliveries can be of."""
    at = {"created_at": START, "attempts_most": 1, "timeout_seconds": 1, "is_active": False}
    for name in ("one", "two"):
        webhook.add(connection, {"name": name, "url": "u", "events": [], "headers": {}} | at)


def happen(store: Store, made: Table, rng: random.Random, *, times: int) -> None:
    """Rows come, change and go; some of it is undone."""
    key = next(iter(made.primary_key))
    for number in range(1000, 1000 * times, 1000):
        try:
            with store.write() as connection:
                known = list(connection.execute(select(key)).scalars())
                one = key == rng.choice(known) if known else key.is_(None)
                deed = rng.choice(DEEDS if made.name not in NEVER_CHANGED else ("come", "many"))
                if deed == "come":
                    row = row_for(made, rng, number)
                    sold(connection, made, row)
                    connection.execute(insert(made).values(row))
                elif deed == "many":
                    rows = [row_for(made, rng, number + at) for at in range(1, 4)]
                    for row in rows:
                        sold(connection, made, row)
                    connection.execute(insert(made), rows)
                elif deed == "change":
                    fresh = row_for(made, rng, number + 10)
                    sold(connection, made, fresh)
                    connection.execute(update(made).where(one).values(fresh))
                else:
                    connection.execute(delete(made).where(one))
                if rng.random() < 0.25:
                    raise Failed
        except Failed:
            pass


def kept(connection: Connection, name: str) -> Counter[tuple[Any, ...]]:
    """What the triggers counted, the slots summed."""
    row = tallies.c
    query = select(row.who, row.span, row.first, row.second, row.third, row.many)
    found: Counter[tuple[Any, ...]] = Counter()
    for *key, count in connection.execute(query.where(row.list == name)):
        found[tuple(key)] += count
    return Counter({key: count for key, count in found.items() if count})


def counted(connection: Connection, made: Table) -> Counter[tuple[Any, ...]]:
    """The same by looking at every row."""
    found: Counter[tuple[Any, ...]] = Counter()
    query = f"SELECT {made.info[TALLY].same('r')} FROM {made.name} r"
    for span, who, *kinds in connection.exec_driver_sql(query):
        for whose in {"", who}:
            for stretch in (ALL_SPANS, span):
                found[(whose, stretch, *kinds)] += 1
    return found


def assert_exact(store: Store, names: list[str] = COUNTED) -> None:
    with store.read() as connection:
        for name in names:
            assert kept(connection, name) == counted(connection, table_of(name)), name


def test_counts_are_those_of_the_rows_after_anything(store: Store) -> None:
    assert len(COUNTED) >= 10
    with store.write() as connection:
        listen(connection)
    for seed, name in enumerate(COUNTED):
        happen(store, table_of(name), random.Random(seed), times=40)
    assert_exact(store)


def test_counts_are_right_after_a_restore(store: Store, sqlite_template: Any) -> None:
    """The rows of a backup come in any order of tables, and the counts with them."""
    del sqlite_template
    with store.write() as connection:
        listen(connection)
        for seed, name in enumerate(COUNTED):
            made, rng = table_of(name), random.Random(seed)
            rows = [row_for(made, rng, at) for at in range(5)]
            for row in rows:
                sold(connection, made, row)
            connection.execute(insert(made), rows)
    # An audit trail is never emptied: it comes into a database that has none.
    loaded = set(COUNTED) - set(NEVER_CHANGED)
    every = [shape for shape in shapes(all_tables()) if shape.name in loaded]
    assert tallies.name not in {shape.name for shape in shapes(all_tables())}
    with store.write() as connection:
        kept_rows = {
            shape.name: [
                tuple(row) for row in connection.exec_driver_sql(f'SELECT * FROM "{shape.name}"')
            ]
            for shape in every
        }
        fill(connection, every, lambda shape: kept_rows[shape.name], counters={})
    assert_exact(store)


def test_a_figure_that_was_tampered_with_is_found_and_put_right(store: Store) -> None:
    with store.write() as connection:
        listen(connection)
        for seed, name in enumerate(COUNTED):
            rng, made = random.Random(seed), table_of(name)
            rows = [row_for(made, rng, at) for at in range(6)]
            for row in rows:
                sold(connection, made, row)
            connection.execute(insert(made), rows)
    assert recount.lists() == COUNTED
    row = tallies.c
    for deed in (
        update(tallies).where(row.span == ALL_SPANS).values(many=row.many + 7),
        delete(tallies).where(row.span != ALL_SPANS),
        update(tallies).values(first=row.first + "nonsense"),
    ):
        with store.write() as connection:
            for name in COUNTED:
                assert not list(recount.differences(connection, name)), name
            connection.execute(deed)
        for name in COUNTED:
            with store.write() as connection:
                assert list(recount.differences(connection, name)), name
                assert recount.recount(connection, name) > 0
        assert_exact(store)
    happen(store, table_of("payments"), random.Random(4), times=12)
    assert_exact(store)


@pytest.mark.postgres
def test_writers_do_not_wait_for_each_others_figures(postgres_url: str) -> None:
    rng, made = random.Random(3), table_of("payments")
    with open_store(postgres_url) as one, open_store(postgres_url, busy_ms=1) as two:
        for number in range(3):
            with one.write() as slow:
                slow.execute(insert(made).values(row_for(made, rng, number) | {"partner": "C1"}))
                with two.write() as fast:
                    row = row_for(made, rng, 100 + number) | {"partner": "C1"}
                    fast.execute(insert(made).values(row))
        assert_exact(one, ["payments"])
        with one.read() as connection:
            total, _ = payment.page(
                connection, partner="C1", since=None, until=None, offset=0, limit=1
            )
    assert total == 6


def invoices_of(store: Store, count: int) -> None:
    rng, made = random.Random(7), invoice.invoices
    rows = [row_for(made, rng, at) | {"van_order": None} for at in range(count)]
    for row in rows:
        row |= {"partner": rng.choice("PQ"), "warehouse": rng.choice("VW")}
        row |= {"state": rng.choice((invoice.DRAFT, invoice.POSTED))}
    with store.write() as connection:
        connection.execute(insert(made), rows)


def wishes() -> Iterator[Wanted]:
    first = START.date()
    for statuses in ((), ("Draft",), ("Open", "Closed"), ("Closed",), ("Cancelled",)):
        for partner in (None, "P", "X"):
            for since, until in ((None, None), (first + timedelta(days=1), None), (first, first)):
                place = {"warehouse": "V"} if partner is None else {}
                yield Wanted(statuses=statuses, partner=partner, since=since, until=until, **place)


def test_a_list_names_its_total_and_any_of_its_pages(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tally, "NEAR", 3)
    invoices_of(store, 60)
    with store.read() as connection:
        for wanted in wishes():
            where = invoice._conditions(wanted)
            newest = select(invoice.invoices.c.id).where(*where)
            every = list(connection.execute(newest.order_by(*invoice._COUNTED.order)).scalars())
            for offset in (0, 5, 31, 59, 10**9):
                total, rows = invoice.page(connection, wanted, offset=offset, limit=4)
                assert total == len(every), wanted
                assert [row["id"] for row in rows] == every[offset : offset + 4], (wanted, offset)


def test_blocks_lead_to_any_page_as_days_do(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tally, "NEAR", 3)
    rng, made = random.Random(5), webhook.webhook_deliveries
    with store.write() as connection:
        listen(connection)
        rows = [row_for(made, rng, at) | {"number": 300 * at + 1} for at in range(40)]
        connection.execute(insert(made), rows)
    with store.read() as connection:
        for one in (None, 1, 2, 3):
            total, every = webhook.deliveries(connection, webhook=one, limit=100, offset=0)[::-1]
            assert total == len(every) == sum(one in (None, row["webhook"]) for row in rows)
            for offset in (4, 9, 20, 39):
                found, _ = webhook.deliveries(connection, webhook=one, limit=3, offset=offset)
                assert found == every[offset : offset + 3]


def test_a_stretch_is_a_day_as_people_write_it() -> None:
    assert tally._number(date(2026, 11, 9)) == 20261109
