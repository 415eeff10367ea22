"""A clean shop has no violations; each planted corruption is named, and nothing else is."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import text

from fiscal.direct import DirectTransport
from fiscal.driver import Driver
from fiscal.simulator.assembly import memory_device
from pos_app.domain.money import Money
from pos_app.domain.shift import MovementKind, parse_counts
from pos_app.services import basket, fiscal, hold, sale, shift, tender
from pos_app.services.check.invariants import Violation, check, violations
from pos_app.services.check.violation import Books
from pos_app.services.shop import Shop
from pos_app.store import intake, posting_claim, setting
from pos_app.store import sale as sales
from pos_app.store.engine import Store, open_store
from tests import pair, shops
from tests.conftest import Postgres

COUNTED = "USD:10=5,USD:1=20,ZIG:10=20"


def sell(shop: Shop, *codes: str, given: str = "40", zig: str = "") -> str:
    actor = shops.actor()
    made = basket.start(shop, actor)
    for code in codes:
        made = basket.add(shop, actor, made, code, quantity=Decimal(2))
    tenders = [tender.make(shop, "cash", Money.of(given, "USD"))]
    if zig:
        tenders.insert(0, tender.make(shop, "cash", Money.of(zig, "ZIG")))
    return sale.post(shop, actor, made, tenders).sale_id


@dataclass(frozen=True)
class Till:
    """A till that has sold, signed, held and counted."""

    shop: Shop
    first: str
    second: str

    def after(self, *statements: str) -> list[Violation]:
        """What is found after a corruption, which is taken back again."""
        with suppress(TakenBack), self.shop.store.write() as connection:
            for statement in statements:
                wanted = {"first": self.first} if ":first" in statement else {}
                assert connection.execute(text(statement), wanted).rowcount > 0, statement
            books = Books(
                connection=connection,
                rules=self.shop.rules,
                now=self.shop.clock.now(),
                is_server=self.shop.rules.role == "server",
            )
            found = list(violations(books))
            raise TakenBack
        return found


class TakenBack(Exception):
    pass


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
)
def made(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[], Store]]:
    """Makes empty shops on one database, for the whole module."""

    def make() -> str:
        if request.param == "postgres":
            server: Postgres = request.getfixturevalue("postgres")
            return server.make(request.getfixturevalue("postgres_template"))
        template: Path = request.getfixturevalue("sqlite_template")
        return str(shutil.copy(template, tmp_path_factory.mktemp("check") / "shop.db"))

    with ExitStack() as stack:
        yield lambda: stack.enter_context(open_store(make()))


@pytest.fixture(scope="module")
def till(made: Callable[[], Store]) -> Till:
    shop = shops.open_shop(made())
    shops.open_till(shop)
    actor, manager = shops.actor(), shops.actor("manager")
    first = sell(shop, "MILK", "BREAD", "BOOK", zig="120")
    second = sell(shop, "YOGHURT", "YOGHURT")
    shift.move(shop, manager, MovementKind.PICKUP, Money.of("5", "USD"), reason="safe")
    held = basket.add(shop, actor, basket.start(shop, actor), "MILK", quantity=Decimal(3))
    hold.hold(shop, actor, held)
    fiscal.work(shop, Driver(DirectTransport(memory_device(shop.clock))))
    shift.close_shift(shop, actor, parse_counts(COUNTED))
    shop.clock.sleep(1800)
    shops.open_till(shop)
    sell(shop, "NAME")
    return Till(shop, first, second)


def codes(found: list[Violation]) -> set[str]:
    return {row.code for row in found}


def test_a_clean_till_has_no_violations(till: Till) -> None:
    assert check(till.shop) == []


def test_a_till_that_never_sold_has_no_violations(made: Callable[[], Store]) -> None:
    assert check(shops.open_shop(made())) == []


PLANTED = {
    "list_count": ("UPDATE tallies SET many = many + 1 WHERE list = 'audit' AND who = ''",),
    "sale_without_lines": ("DELETE FROM sale_lines WHERE sale_id = :first",),
    "receipt_name": ("UPDATE sales SET receipt = 'T01-999999' WHERE id = :first",),
    "line_not_moved": ("DELETE FROM stock_moves WHERE document_id = :first AND line = 1",),
    "move_without_line": (
        ("INSERT INTO stock_moves (document_kind, document_id, line, item, warehouse, quantity, at)"
        " VALUES ('sale', :first, 9, 'MILK', 'SHOP1', -1000000, 0)"),
    ),
    "sale_without_journal": ("DELETE FROM fiscal_journal WHERE sale_id = :first",),
    "sale_in_outbox": ("DELETE FROM outbox WHERE key = :first AND kind = 'sale'",),
    "envelope_hash": (
        "UPDATE outbox SET content_hash = 'x' WHERE key = :first AND kind = 'sale'",
    ),
    "sale_retold": ("UPDATE sales SET partner_name = 'Else' WHERE id = :first",),
    "part_without_sale": (
        ("INSERT INTO outbox (id, stream, kind, key, payload, content_hash, state, attempts,"
        " queued_at, try_at) SELECT 'E-2', stream, kind, 'nobody', payload, content_hash, state,"
        " attempts, queued_at, try_at FROM outbox WHERE key = :first AND kind = 'sale'"),
    ),
    "series_differs": ("UPDATE series SET last = last + 1 WHERE name = 'receipt:T01'",),
    "lines_differ": (
        "UPDATE sale_lines SET net = net + 1, gross = gross + 1 WHERE sale_id = :first AND line=1",
    ),
    "line_differs": ("UPDATE sale_lines SET vat = vat + 1 WHERE sale_id = :first AND line = 1",),
    "vat_differs": (
        ("UPDATE sales SET net = net + 1, vat = vat - 1, taxes = replace(replace(taxes,"
        " '53}', '52}'), '345,', '346,') WHERE id = :first"),
        "UPDATE sale_lines SET net = net + 1, vat = vat - 1 WHERE sale_id = :first AND line = 1",
    ),
    "tax_group_differs": (
        "UPDATE sale_lines SET tax_percent = 15500000 WHERE sale_id = :first AND line = 2",
    ),
    "taxes_differ": ("UPDATE sales SET taxes = '[]' WHERE id = :first",),
    "tenders_differ": (
        "UPDATE sale_tenders SET in_document = in_document + 1 WHERE sale_id = :first AND line = 1",
    ),
    "fiscal_number": ("UPDATE fiscal_journal SET number = 'T01-7' WHERE sale_id = :first",),
    "fiscal_request_changed": ("UPDATE fiscal_journal SET digest = '' WHERE sale_id = :first",),
    "fiscal_record_incomplete": ("UPDATE fiscal_journal SET qr = NULL WHERE sale_id = :first",),
    "fiscal_code_differs": (
        ("UPDATE fiscal_journal SET verification_code = 'AAAA-BBBB-CCCC-DDDD'"
        " WHERE sale_id = :first"),
    ),
    "fiscal_number_shared": (
        "UPDATE fiscal_journal SET receipt_counter = 2 WHERE sale_id = :first",
    ),
    "fiscal_number_missing": (
        ("UPDATE fiscal_journal SET receipt_global_no = receipt_global_no + 3,"
        " receipt_counter = receipt_counter + 3 WHERE seq = 2"),
    ),
    "fiscal_day_forked": ("UPDATE fiscal_journal SET receipt_counter = 9 WHERE seq = 2",),
    "fiscal_day_backwards": ("UPDATE fiscal_journal SET fiscal_day = 0 WHERE seq = 2",),
    "fiscal_time_backwards": (
        "UPDATE fiscal_journal SET filed_at = '2026-11-02T00:00:00' WHERE seq = 2",
    ),
    "stock_differs": (
        "UPDATE stock SET on_hand = on_hand + 1 WHERE item = 'MILK'",
    ),
    "stock_missing": ("DELETE FROM stock WHERE item = 'BREAD'",),
    "stock_oversold": (
        "UPDATE stock SET base = 4000000, on_hand = 2000000 WHERE item = 'MILK'",
    ),
    "drawer_direction": (
        "UPDATE shift_movements SET kind = 'paid_in' WHERE kind = 'pickup'",
    ),
    "drawer_differs": ("UPDATE shift_results SET expected = expected + 1 WHERE currency = 'ZIG'",),
    "count_differs": (("UPDATE shift_counts SET pieces = 6 WHERE moment = 'close'"
                      " AND denomination = 1000000"),),
    "drawer_lacks_sale": (
        ("UPDATE shift_movements SET document_id = NULL"
        " WHERE document_id = :first AND kind = 'change'"),
    ),
    "shift_gap": ("UPDATE series SET last = 3 WHERE name = 'shift:T01'",),
    "audit_broken": ("UPDATE audit SET actor = 'nobody' WHERE seq = 3",),
    "audit_cut": ("DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)",),
    "fiscal_without_reason": (
        "UPDATE fiscal_journal SET state = 'disputed' WHERE seq = 3",
    ),
}  # fmt: skip

BESIDE = {
    # What a corruption cannot but show elsewhere, too.
    "sale_without_lines": {
        "lines_differ", "tax_group_differs", "move_without_line", "sale_retold",
    },
    "receipt_name": {"fiscal_number", "sale_retold"},
    "line_not_moved": {"sale_retold", "stock_differs"},
    "move_without_line": {"sale_retold", "stock_differs"},
    "lines_differ": {"tax_group_differs", "sale_retold"},
    "line_differs": {"lines_differ", "sale_retold"},
    "vat_differs": {"sale_retold", "fiscal_tax_differs"},
    "fiscal_number_shared": {"fiscal_day_forked"},
    "fiscal_number_missing": {"fiscal_code_differs"},
    "fiscal_day_backwards": {"fiscal_day_forked"},
    "tax_group_differs": {"sale_retold"},
    "taxes_differ": {"tax_group_differs", "sale_retold"},
    "tenders_differ": {"sale_retold"},
    "drawer_direction": set(),
}  # fmt: skip


@pytest.mark.parametrize("code", PLANTED)
def test_a_planted_corruption_is_named(till: Till, code: str) -> None:
    found = till.after(*PLANTED[code])
    beside = BESIDE.get(code, set())
    assert codes(found) == {code} | beside
    assert all(row.sentence.endswith(".") and row.subject for row in found)


@dataclass(frozen=True)
class Server:
    """A server that has taken a till's sales and brought them to SAP."""

    shop: Shop
    first: str

    def after(self, *statements: str) -> list[Violation]:
        return Till(self.shop, self.first, "").after(*statements)


@pytest.fixture(scope="module")
def server(made: Callable[[], Store]) -> Server:
    clock = shops.FixedClock()
    shop = pair.open_server(made(), clock)
    till = pair.open_bare_till(made(), clock=clock)
    pair.work(till, pair.remote(shop))
    shops.open_till(till)
    first = sell(till, "MILK", "BREAD")
    sell(till, "YOGHURT")
    fiscal.work(till, Driver(DirectTransport(memory_device(clock))))
    shift.close_shift(till, shops.actor(), parse_counts("USD:1=84,USD:0.01=98"))
    clock.sleep(600)
    pair.work(till, pair.remote(shop))
    pair.work(till, pair.remote(shop))
    assert check(till) == []
    _complete(shop)
    return Server(shop, first)


def _complete(shop: Shop) -> None:
    """Say that SAP has taken everything, as the worker of the posting queue does."""
    with shop.store.write() as connection:
        while row := posting_claim.claim(
            connection, owner="w", now=shop.clock.now(), lease=timedelta(minutes=5)
        ):
            number = row["queue_id"]
            step = {"queue_id": number, "step": 1, "kind": "invoice", "key": row["key"]}
            told = {"state": "done", "request": {}, "adopted": 0, "doc_entry": 100 + number}
            posting_claim.add_steps(connection, [step | told])
            posting_claim.settle(connection, row, {"state": "Completed"})
            sales.set_status(
                connection,
                sale_id=row["document_id"],
                in_sap="done",
                at=shop.clock.now(),
                doc_entry=100 + number,
            )


def test_a_clean_server_has_no_violations(server: Server) -> None:
    assert check(server.shop, is_server=True) == []


ON_SERVER = {
    "sale_not_accepted": ("DELETE FROM intake WHERE key = :first AND kind = 'sale'",),
    "sale_of_another_till": (
        "UPDATE intake SET till = 'T02' WHERE key = :first AND kind = 'sale'",
    ),
    "sale_changed": ("UPDATE sales SET username = 'else' WHERE id = :first",),
    "feed_behind": ("UPDATE feed SET seq = -1 WHERE kind = 'stock' AND key = 'MILK|SHOP1'",),
    "intake_without_sale": (
        ("INSERT INTO intake SELECT 'E-2', till, 99, kind, 'nobody', content_hash, -1, accepted_at,"
        " flags FROM intake WHERE key = :first AND kind = 'sale'"),
    ),
    "feed_number_shared": (
        ("UPDATE intake SET upstream_seq = (SELECT upstream_seq FROM intake WHERE key = :first"
        " AND kind = 'sale') WHERE kind = 'shift'"),
    ),
    "feed_beyond_head": ("UPDATE feed_head SET seq = 1",),
    "receipt_missing": (
        "UPDATE sales SET number = 9, receipt = 'T01-000009', posted_at = 0 WHERE id <> :first",
    ),
    "audit_head": (("UPDATE settings SET value = '{\"seq\"\\:1,\"hash\"\\:\"x\"}'"
                   " WHERE name = 'audit\\:T01'"),),
    "sale_not_queued": (
        "DELETE FROM posting_steps WHERE key = :first",
        "DELETE FROM postings WHERE document_id = :first",
    ),
    "queued_total_differs": ("UPDATE postings SET total = total + 1 WHERE document_id = :first",),
    "sale_without_status": ("DELETE FROM sale_status WHERE sale_id = :first",),
    "sap_document_shared": ("UPDATE posting_steps SET doc_entry = 7",),
    "posting_incomplete": ("DELETE FROM posting_steps WHERE key = :first",),
    "lamp_differs": ("UPDATE sale_status SET in_sap = 'pending' WHERE sale_id = :first",),
    "drawer_lacks_sale": ("DELETE FROM shift_movements WHERE document_id = :first",),
    "posting_without_reason": (
        "UPDATE postings SET state = 'RequiresReview' WHERE document_id = :first",
        "UPDATE sale_status SET in_sap = 'review' WHERE sale_id = :first",
    ),
    "posting_without_incident": (
        "UPDATE postings SET state = 'Pending', created_at = 0 WHERE document_id = :first",
        "UPDATE sale_status SET in_sap = 'pending' WHERE sale_id = :first",
    ),
    "stock_oversold": (
        "UPDATE stock SET base = 0, on_hand = -2000000 WHERE item = 'BREAD'",
    ),
}  # fmt: skip

BESIDE_ON_SERVER = {
    "receipt_missing": {"sale_changed", "fiscal_number"},
    "sap_document_shared": {"lamp_differs"},
    "posting_incomplete": {"lamp_differs"},
    "drawer_lacks_sale": {"drawer_differs"},
    "feed_beyond_head": set(),
}


@pytest.mark.parametrize("code", ON_SERVER)
def test_a_corruption_of_the_server_is_named(server: Server, code: str) -> None:
    found = server.after(*ON_SERVER[code])
    assert codes(found) == {code} | BESIDE_ON_SERVER.get(code, set())
    assert all(row.sentence.endswith(".") and row.subject for row in found)


def test_a_sale_that_was_flagged_may_stand_below_nothing(server: Server) -> None:
    flags = '[{"code"\\:"negative_stock","sentence"\\:"Item BREAD is at -2 in warehouse SHOP1."}]'
    found = server.after(
        *ON_SERVER["stock_oversold"],
        f"UPDATE intake SET flags = '{flags}' WHERE key = :first AND kind = 'sale'",
    )
    assert found == []


def test_a_gap_behind_a_fresh_sale_is_still_on_its_way(server: Server) -> None:
    moved = "UPDATE sales SET number = 9, receipt = 'T01-000009' WHERE id <> :first"
    assert "receipt_missing" not in codes(server.after(moved))


def test_what_waits_behind_a_named_reason_has_one(till: Till) -> None:
    waiting = "UPDATE fiscal_journal SET state = 'intent', intended_at = 0{} WHERE seq = {}"
    assert codes(till.after(waiting.format("", 2))) == {"fiscal_stands_still"}
    named = waiting.format(", reason = 'The device is off.'", 1)
    assert till.after(named, waiting.format("", 2)) == []


def test_a_till_whose_server_is_away_says_so_for_its_envelopes(till: Till) -> None:
    old = "UPDATE outbox SET queued_at = 0 WHERE key = :first"
    assert codes(till.after(old)) == {"outbox_stands_still"}
    lane = '{"failures"\\:1,"problem"\\:"The line is cut.","try_at"\\:0}'
    away = f"INSERT INTO settings (name, value) VALUES ('sync.lane', '{lane}')"
    assert till.after(old, away) == []


def test_an_envelope_is_held_up_by_an_earlier_one_of_its_stream(till: Till) -> None:
    stuck = (
        "UPDATE outbox SET queued_at = 0 WHERE key = :first",
        (
            "UPDATE outbox SET state = 'quarantined', reason = 'no' WHERE key = :first"
            " AND kind = 'sale'"
        ),
    )
    assert till.after(*stuck) == []


def test_gaps_inside_a_series_name_the_missing_number(till: Till) -> None:
    found = till.after("UPDATE sales SET number = 9, receipt = 'T01-000009' WHERE id = :first")
    gap = [row for row in found if row.code == "receipt_gap"]
    assert [row.subject for row in gap] == ["T01-000001", "T01-000004"]


def test_numbers_of_a_life_the_books_have_forgotten_are_no_gap(made: Callable[[], Store]) -> None:
    shop = shops.open_shop(made())
    shops.open_till(shop)
    till = Till(shop, sell(shop, "MILK"), sell(shop, "BREAD"))
    with till.shop.store.write() as connection:
        last = setting.last_number(connection, "receipt:T01")
        setting.go_on_behind(connection, "receipt:T01", last + 2)
        setting.go_on_behind(connection, "receipt:T01", last + 1)
        setting.go_on_behind(connection, "receipt:T01", last + 3)
    assert till.after() == []
    sell(till.shop, "MILK")
    assert till.after() == []
    found = till.after("UPDATE sales SET number = 99, receipt = 'T01-000099' WHERE id = :first")
    gap = [row.subject for row in found if row.code == "receipt_gap"]
    assert gap == ["T01-000001", f"T01-{last + 5:06d}"]


def test_a_batch_two_tills_sold_is_flagged_and_no_violation(made: Callable[[], Store]) -> None:
    """The goods were there: the shelf had more of another batch than the books of this one."""
    clock = shops.FixedClock()
    shop = pair.open_server(made(), clock)
    tills = [pair.open_bare_till(made(), code, clock=clock) for code in ("T01", "T02")]
    for till in tills:
        pair.work(till, pair.remote(shop, till.rules.till))
        shops.open_till(till)
        sell(till, "YOGHURT", "YOGHURT")
    for till in tills:
        pair.work(till, pair.remote(shop, till.rules.till))
    assert pair.lots(shop, "YOGHURT") == {"Y-SOON": Decimal(-3), "Y-LATE": Decimal(30)}
    with shop.store.read() as connection:
        flags = [flag for row in intake.flagged(connection) for flag in row["flags"]]
    words = "Batch Y-SOON of item YOGHURT is at -3 in warehouse SHOP1."
    subject = "YOGHURT|SHOP1|Y-SOON"
    assert flags == [{"code": "negative_stock", "sentence": words, "subject": subject}]
    assert check(shop, is_server=True) == []


def test_a_batch_told_below_nothing_stays_explained_while_another_is_sold(
    made: Callable[[], Store],
) -> None:
    clock = shops.FixedClock()
    shop = pair.open_server(made(), clock)
    tills = [pair.open_bare_till(made(), code, clock=clock) for code in ("T01", "T02")]
    lines = [pair.remote(shop, till.rules.till) for till in tills]
    for till, line in zip(tills, lines, strict=True):
        pair.work(till, line)
        shops.open_till(till)
        sell(till, "YOGHURT", "YOGHURT")
    for till, line in [*zip(tills, lines, strict=True)] * 2:
        clock.sleep(600)
        pair.work(till, line)
    assert pair.lots(tills[0], "YOGHURT")["Y-SOON"] == Decimal(-3)
    assert check(tills[0]) == []
    clock.sleep(60)
    sell(tills[0], "YOGHURT")
    assert pair.lots(tills[0], "YOGHURT") == {"Y-SOON": Decimal(-3), "Y-LATE": Decimal(28)}
    assert check(tills[0]) == []


def test_below_nothing_is_explained_when_less_was_told_after_the_last_sale(till: Till) -> None:
    less = "UPDATE stock SET base = 4000000, on_hand = 2000000 WHERE item = 'MILK'"
    came = (
        "INSERT INTO checkpoints (source, epoch, seq, fetched_at, changed_at)"
        " VALUES ('server', 'e', 9, {at}, {at})"
    )
    sold = "(SELECT max(at) FROM stock_moves WHERE item = 'MILK')"
    assert till.after(less, came.format(at=f"{sold} + 1")) == []
    assert codes(till.after(less, came.format(at=f"{sold} - 1"))) == {"stock_oversold"}


def test_a_clock_that_was_set_back_after_the_sale_is_taken_into_account(till: Till) -> None:
    ahead = "UPDATE stock_moves SET at = at + 9000000000 WHERE item = 'MILK'"
    less = "UPDATE stock SET base = 4000000, on_hand = 2000000 WHERE item = 'MILK'"
    came = (
        "INSERT INTO checkpoints (source, epoch, seq, fetched_at, changed_at)"
        " SELECT 'server', 'e', 9, max(at), max(at) FROM audit"
    )
    assert till.after(ahead, less, came) == []
