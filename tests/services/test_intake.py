"""The server's side: each envelope once, checked against itself, never recomputed, never lost."""

from __future__ import annotations

import inspect
import json
import re
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text

from pos_app.domain.money import Money
from pos_app.domain.permission import EVERY, Actor, TillKeyNeeded, till_actor
from pos_app.domain.tender import TenderType
from pos_app.errors import DatabaseBusy
from pos_app.services import document, intake, intake_flag, intake_note, intake_sale, shift
from pos_app.services.intake import TillFenced, TillNotYours
from pos_app.services.notification import view as notification
from pos_app.services.shop import Shop
from pos_app.store import audit, partner, posting, setting
from pos_app.store import feed as feed_rows
from pos_app.store import fiscal as journal
from pos_app.store import intake as accepted
from pos_app.store import invoice as invoices
from pos_app.store import sale as sales
from pos_app.store import shift as shifts
from pos_app.store.engine import Store, open_store
from sync.envelope import Envelope, Outcome, Parcel, Reply, Result, hash_of
from tests import pair, shops

ADMIN = replace(shops.actor("manager"), role="Admin")


@pytest.fixture
def server(store: Store) -> Shop:
    return pair.open_server(store)


@pytest.fixture
def till(tmp_path: Path, sqlite_template: Path, server: Shop) -> Iterator[Shop]:
    path = tmp_path / "till.db"
    path.write_bytes(sqlite_template.read_bytes())
    with open_store(path) as opened:
        made = pair.open_bare_till(opened)
        pair.work(made, pair.remote(server))
        shops.open_till(made)
        yield made


@pytest.fixture(scope="module")
def still(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path
) -> Iterator[tuple[Shop, Envelope]]:
    """A server that takes nothing in, and the envelope of one sale of milk and yoghurt."""
    folder = tmp_path_factory.mktemp("intake")
    for name in ("server.db", "till.db"):
        (folder / name).write_bytes(sqlite_template.read_bytes())
    with open_store(folder / "server.db") as above, open_store(folder / "till.db") as below:
        server = pair.open_server(above)
        till = pair.open_bare_till(below)
        pair.work(till, pair.remote(server))
        shops.open_till(till)
        pair.sell(till, "MILK", "YOGHURT", quantity="2")
        yield server, of_kind(till, "sale")


@pytest.fixture
def sold(still: tuple[Shop, Envelope]) -> Envelope:
    """The envelope of one sale, known to no server."""
    return still[1]


def of_kind(till: Shop, kind: str) -> Envelope:
    row = [row for row in pair.envelopes(till) if row["kind"] == kind][-1]
    names = ("id", "seq", "stream", "kind", "key", "payload", "content_hash")
    return Envelope(**{name: row[name] for name in names})  # type: ignore[arg-type]


def send(
    server: Shop,
    *envelopes: Envelope,
    till: str = "T01",
    incarnation: str = "",
    principal: str = "key-1",
    epoch: str = "",
    actor: Actor | None = None,
) -> Reply:
    known = incarnation or "01900000-0000-7000-8000-000000000001"
    parcel = Parcel(till=till, incarnation=known, epoch=epoch, envelopes=envelopes)
    who = actor or till_actor(till, principal)
    return intake.accept(server, who, parcel, principal=principal)


def give(server: Shop, envelope: Envelope, **options: Any) -> Result:
    # The till of these tests has been admitted under its own incarnation already.
    options.setdefault("incarnation", "ffffffff-0000-7000-8000-000000000001")
    return send(server, envelope, **options).results[0]


def changed(envelope: Envelope, **changes: Any) -> Envelope:
    """The same envelope, honestly hashed, with another content."""
    data = json.loads(envelope.payload)
    for path, value in changes.items():
        place = data
        *steps, last = [int(step) if step.isdigit() else step for step in path.split("__")]
        for step in steps:
            place = place[step]
        place[last] = value
    payload = document.canonical(data)
    return replace(envelope, payload=payload, content_hash=hash_of(payload))


def count(server: Shop, table: Any) -> int:
    with server.store.read() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def test_a_sale_is_taken_with_stock_queue_and_feed(server: Shop, sold: Envelope) -> None:
    with server.store.read() as connection:
        before = feed_rows.head(connection)
    result = give(server, sold)
    assert result.outcome is Outcome.ACCEPTED
    assert (result.id, result.content_hash) == (sold.id, sold.content_hash)
    with server.store.read() as connection:
        queued = connection.execute(select(posting.postings)).mappings().one()
        header = sales.by_id(connection, sold.key)
        kept = accepted.by_id(connection, sold.id)
        changes = feed_rows.page(connection, after=before["seq"], limit=100)  # type: ignore[index]
    assert header is not None
    assert kept is not None
    assert (header["origin"], kept["flags"], kept["till_seq"]) == ("till", [], sold.seq)
    assert (queued["key"], queued["kind"], queued["total"], queued["source"]) == (
        sold.key,
        "invoice",
        header["total"],
        "T01",
    )
    assert {(row["kind"], row["key"]) for row in changes} == {
        ("series", "T01"),
        ("sale_status", sold.key),
        ("stock", "MILK|SHOP1"),
        ("stock", "YOGHURT|SHOP1"),
    }
    stock_numbers = [row["seq"] for row in changes if row["kind"] == "stock"]
    assert result.upstream_seq is not None
    assert min(stock_numbers) > result.upstream_seq
    assert pair.on_hand(server, "MILK") == 98
    assert pair.lots(server, "YOGHURT") == {"Y-LATE": 30, "Y-SOON": 3}


def test_the_same_envelope_gets_the_first_answer(server: Shop, sold: Envelope) -> None:
    first = give(server, sold)
    again = [give(server, sold) for _ in range(3)]
    assert {row.outcome for row in again} == {Outcome.REPLAYED}
    assert {row.upstream_seq for row in again} == {first.upstream_seq}
    assert pair.on_hand(server, "MILK") == 98
    assert count(server, posting.postings) == count(server, sales.sales) == 1


def test_the_same_sale_in_a_new_envelope_is_the_same_sale(server: Shop, sold: Envelope) -> None:
    first = give(server, sold)
    again = give(server, replace(sold, id="another-envelope", seq=99))
    assert (again.outcome, again.upstream_seq) == (Outcome.REPLAYED, first.upstream_seq)
    assert count(server, sales.sales) == 1


def test_another_content_under_the_same_identity_is_an_alarm(server: Shop, sold: Envelope) -> None:
    give(server, sold)
    other = changed(sold, header__notes="something else")
    same_envelope = give(server, other)
    same_sale = give(server, replace(other, id="another-envelope"))
    assert same_envelope.outcome is same_sale.outcome is Outcome.CONFLICT
    with server.store.read() as connection:
        alarms = [row for row in audit.walk(connection) if row["action"] == "sync.conflict"]
        header = sales.by_id(connection, sold.key)
    assert [row["subject"] for row in alarms] == [sold.key, sold.key]
    assert header is not None
    assert header["notes"] == ""


def test_a_number_used_again_for_another_sale_is_an_alarm(server: Shop, sold: Envelope) -> None:
    """What a till restored from a backup, or a copy of it, would send."""
    give(server, sold)
    other = changed(sold, header__id="another-sale", header__content_hash="x")
    result = give(server, replace(other, id="e2", key="another-sale", stream="sale:another-sale"))
    assert result.outcome is Outcome.CONFLICT
    assert count(server, sales.sales) == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"header__total": 10**6}, "sums_differ"),
        ({"header__vat": 1}, "sums_differ"),
        ({"lines__0__gross": 1}, "sums_differ"),
        ({"lines__0__net": 1, "lines__1__net": 1}, "sums_differ"),
        ({"lines": []}, "sums_differ"),
        ({"tenders__0__in_document": 1}, "sums_differ"),
        ({"tenders": []}, "sums_differ"),
        ({"header__taxes": []}, "sums_differ"),
        ({"header__taxes": "none"}, "sums_differ"),
        ({"header__kind": "gift"}, "sums_differ"),
        ({"header__kind": "credit_note"}, "sums_differ"),
        ({"moves__0__quantity": -1}, "sums_differ"),
        ({"moves__0__line": 9}, "sums_differ"),
        ({"header__till": "T02"}, "not_its_own"),
        ({"header__id": "another"}, "not_its_own"),
        ({"header__receipt": "T01-000099"}, "not_its_own"),
        ({"header__receipt": "T02-000001"}, "not_its_own"),
        ({"header__number": 99}, "not_its_own"),
        ({"format": 2}, "malformed"),
        ({"header": None}, "malformed"),
        ({"header__total": "5.34"}, "malformed"),
        ({"header__total": None}, "malformed"),
        ({"header__total": 2**63}, "malformed"),
        ({"header__posted_at": "yesterday"}, "malformed"),
        ({"header__posted_at": "2026-11-02T06:00:00"}, "malformed"),
        ({"header__business_date": "2026-11-32"}, "malformed"),
        ({"header__is_gross": 1}, "malformed"),
        ({"header__username": 5}, "malformed"),
        ({"header__username": "a\x00b"}, "malformed"),
        ({"lines__0__quantity": True}, "malformed"),
        ({"lines": {}}, "malformed"),
        ({"moves__0": "all"}, "malformed"),
    ],
)
def test_a_sale_that_contradicts_itself_is_refused_and_leaves_nothing(
    still: tuple[Shop, Envelope], change: Mapping[str, Any], code: str
) -> None:
    server, sold = still
    wrong = changed(sold, **change)
    result = give(server, wrong)
    assert (result.outcome, result.code) == (Outcome.REFUSED, code)
    assert result.reason
    for table in (sales.sales, posting.postings, accepted.intake):
        assert count(server, table) == 0
    assert pair.on_hand(server, "MILK") == 100


@pytest.mark.parametrize(
    "payload", ["", "[]", "null", "{", '{"a": 0.5}', '{"a": NaN}', "[" * 99999]
)
def test_what_is_no_document_is_refused(still: tuple[Shop, Envelope], payload: str) -> None:
    server, sold = still
    result = give(server, replace(sold, payload=payload, content_hash=hash_of(payload)))
    assert (result.outcome, result.code) == (Outcome.REFUSED, "malformed")


def test_a_content_damaged_on_the_way_is_refused(server: Shop, sold: Envelope) -> None:
    result = give(server, replace(sold, payload=sold.payload.replace("MILK", "SILK")))
    assert (result.outcome, result.code) == (Outcome.REFUSED, "damaged")


def test_an_unknown_kind_is_refused(server: Shop, sold: Envelope) -> None:
    assert give(server, replace(sold, kind="hologram")).code == "unknown_kind"


def test_a_newer_till_may_say_more(server: Shop, sold: Envelope) -> None:
    result = give(server, changed(sold, header__mood="good", lines__0__colour="red", extra=[1]))
    assert result.outcome is Outcome.ACCEPTED


def test_what_is_odd_is_taken_and_flagged(server: Shop, sold: Envelope) -> None:
    odd = changed(
        sold,
        lines__0__item="GHOST",
        moves__0__item="GHOST",
        moves__1__batch="NEVER-SEEN",
        header__partner="C9999",
    )
    assert give(server, odd).outcome is Outcome.ACCEPTED
    with server.store.read() as connection:
        flagged = accepted.flagged(connection)
    assert {row["code"] for row in flagged[0]["flags"]} == {
        "item_unknown",
        "negative_stock",
        "partner_unknown",
    }
    told = {one.code: one for one in intake_flag.noticed(server)}
    assert set(told) == {"item_unknown", "negative_stock", "partner_unknown"}
    assert "SAP" in told["item_unknown"].advice
    assert {one.example for one in told.values()} == {"T01-000001"}
    titles = {
        row.title for row in notification.page(server, ADMIN, offset=0, limit=9).notifications
    }
    assert "T01-000001 sold an item that is not known here" in titles
    assert len(titles) == 3
    assert pair.on_hand(server, "GHOST") == -2
    assert pair.lots(server, "YOGHURT")["NEVER-SEEN"] == -2


def test_what_was_odd_is_named_until_it_is_put_right_and_told_once_a_day(
    server: Shop, sold: Envelope
) -> None:
    with server.store.write() as connection:
        connection.execute(text("UPDATE stock SET on_hand = 0 WHERE item = 'MILK'"))
    assert give(server, sold).outcome is Outcome.ACCEPTED
    again = changed(sold, header__id="s2", header__number=2, header__receipt="T01-000002")
    again = replace(again, id="e2", key="s2", stream="sale:s2", seq=2)
    assert give(server, again).outcome is Outcome.ACCEPTED
    [one] = intake_flag.noticed(server)
    assert (one.code, one.documents, one.example) == ("negative_stock", 2, "T01-000002")
    assert notification.page(server, ADMIN, offset=0, limit=9).total == 1
    with server.store.write() as connection:
        connection.execute(text("UPDATE stock SET on_hand = 1000000 WHERE item = 'MILK'"))
    assert intake_flag.noticed(server) == ()


def test_what_only_people_can_judge_is_named_for_a_week(server: Shop, sold: Envelope) -> None:
    limit = changed(sold)
    give(server, limit)
    with server.store.write() as connection:
        flags = json.dumps([{"code": "above_credit_limit", "sentence": "It owes too much."}])
        connection.execute(text("UPDATE intake SET flags = :flags"), {"flags": flags})
    [one] = intake_flag.noticed(server)
    assert one.advice.startswith("Agree with the customer")
    server.clock.sleep(intake_flag.KEPT.total_seconds())
    assert intake_flag.noticed(server) == ()


def test_every_flag_has_words_that_say_what_to_do() -> None:
    """Each code the server gives: a sentence of its own, or advice beside it."""
    given = set()
    for module in (intake_sale, intake_note):
        source = inspect.getsource(module)
        given |= set(re.findall(r'flag\(\s*"(\w+)"', source))
        given |= {getattr(module, name) for name in re.findall(r"flag\(([A-Z]+),", source)}
    assert given == set(intake_flag.WORDS)
    for code, words in intake_flag.WORDS.items():
        assert words.title
        assert words.advice or code in intake_note.TWICE


def test_what_goes_above_a_credit_limit_is_taken_marked_and_flagged(
    server: Shop, sold: Envelope
) -> None:
    account = TenderType("account", "Account", 4, "account", ("USD",))
    rules = replace(server.rules, tender_types=(*server.rules.tender_types, account))
    object.__setattr__(server, "rules", rules)
    with server.store.write() as connection:
        known = partner.by_code(connection, "C0001")
        assert known is not None
        told = replace(known, credit_limit=Money.of("5", "USD"), balance=Money.of("3", "USD"))
        partner.put(connection, [told], at=server.clock.now())
    owing = changed(sold, header__partner="C0001", tenders__0__type="account")
    assert give(server, owing).outcome is Outcome.ACCEPTED
    with server.store.read() as connection:
        (flags,) = connection.execute(select(accepted.intake.c.flags)).scalars()
        row = invoices.by_id(connection, sold.key)
    assert [one["code"] for one in flags] == ["above_credit_limit"]
    assert row is not None
    assert (row["paid"], row["above_limit"]) == (0, row["total"] - 200)


def test_tills_may_use_the_same_words_for_their_references(server: Shop, sold: Envelope) -> None:
    give(server, changed(sold, header__reference="ORDER-1"))
    other = changed(
        sold,
        header__reference="ORDER-1",
        header__id="s2",
        header__till="T02",
        header__receipt="T02-000001",
    )
    other = replace(other, id="e2", key="s2", stream="sale:s2")
    result = give(server, other, till="T02", principal="key-2")
    assert result.outcome is Outcome.ACCEPTED
    with server.store.read() as connection:
        mine, theirs = (sales.by_id(connection, key) for key in (sold.key, "s2"))
    assert mine is not None
    assert theirs is not None
    assert (mine["reference"], theirs["reference"]) == ("ORDER-1", "T02/ORDER-1")


def test_one_wrong_envelope_holds_up_its_stream_and_no_other(server: Shop, sold: Envelope) -> None:
    good = changed(sold, header__id="s2", header__number=2, header__receipt="T01-000002")
    good = replace(good, id="e2", key="s2", stream="sale:s2")
    wrong = changed(sold, header__total=1)
    behind = replace(sold, id="behind", kind="fiscal", payload="{}", content_hash=hash_of("{}"))
    reply = send(server, wrong, behind, good, incarnation="f")
    assert [row.outcome for row in reply.results] == [
        Outcome.REFUSED,
        Outcome.LATER,
        Outcome.ACCEPTED,
    ]


def credit_note(sold: Envelope) -> Envelope:
    """A return of everything the sale sold."""
    data = json.loads(sold.payload)
    header = data["header"]
    for name in ("net", "vat", "total", "paid"):
        header[name] = -header[name]
    header |= {
        "id": "refund-1",
        "kind": "credit_note",
        "number": 2,
        "receipt": "T01-000002",
        "original_id": sold.key,
        "taxes": [
            {**tax, **{name: -tax[name] for name in ("net", "vat", "gross")}}
            for tax in header["taxes"]
        ],
    }
    for line in data["lines"]:
        line |= {name: -line[name] for name in ("net", "vat", "gross", "quantity")}
        line["original_line"] = line["line"]
    for tender in data["tenders"]:
        tender |= {name: -tender[name] for name in ("tendered", "settled", "in_document")}
    for move in data["moves"]:
        move |= {"quantity": -move["quantity"], "document_kind": "return"}
    payload = document.canonical(data | {"change": []})
    return replace(
        sold, id="e-refund", seq=50, key="refund-1", payload=payload, content_hash=hash_of(payload)
    )


def test_a_return_waits_for_its_sale_and_puts_the_goods_back(server: Shop, sold: Envelope) -> None:
    early = give(server, credit_note(sold))
    assert (early.outcome, early.code) == (Outcome.LATER, "original_missing")
    reply = send(server, sold, credit_note(sold), incarnation="f" * 36)
    assert [row.outcome for row in reply.results] == [Outcome.ACCEPTED, Outcome.ACCEPTED]
    assert pair.on_hand(server, "MILK") == 100
    assert pair.lots(server, "YOGHURT") == {"Y-LATE": 30, "Y-SOON": 5}


def fiscal(sold: Envelope, **facts: Any) -> Envelope:
    data = {
        "sale_id": sold.key,
        "number": "T01-000001",
        "state": "fiscalised",
        "reason": "",
        "device_id": "D1",
        "device_serial": "S1",
        "qr": "https://example.test/q",
        "verification_code": "60A7-4CD9",
        "receipt_global_no": 12,
        "receipt_counter": 3,
        "fiscal_day": 7,
        "filed_at": "2026-11-02T08:00:00",
    } | facts
    payload = document.canonical(data)
    return replace(
        sold,
        id=f"fiscal-{hash_of(payload)[:8]}",
        kind="fiscal",
        payload=payload,
        content_hash=hash_of(payload),
    )


def test_the_fiscal_outcome_follows_its_sale(server: Shop, sold: Envelope) -> None:
    assert give(server, fiscal(sold)).code == "sale_missing"
    give(server, sold)
    refused = fiscal(sold, state="refused", reason="RCPT010", receipt_global_no=None)
    assert give(server, refused).outcome is Outcome.ACCEPTED
    assert give(server, fiscal(sold)).outcome is Outcome.ACCEPTED
    assert give(server, fiscal(sold)).outcome is Outcome.REPLAYED
    with server.store.read() as connection:
        row = journal.by_sale(connection, sold.key)
    assert row is not None
    assert (row["state"], row["receipt_global_no"], row["reason"]) == ("fiscalised", 12, "")


def test_a_filed_receipt_is_final(server: Shop, sold: Envelope) -> None:
    give(server, sold)
    give(server, fiscal(sold))
    assert give(server, fiscal(sold, receipt_global_no=13)).outcome is Outcome.CONFLICT
    assert give(server, fiscal(sold), till="T02", principal="k2").outcome is Outcome.CONFLICT
    with server.store.read() as connection:
        row = journal.by_sale(connection, sold.key)
    assert row is not None
    assert row["receipt_global_no"] == 12


def test_a_shift_is_kept_as_the_till_told_it(server: Shop, till: Shop) -> None:
    pair.sell(till, "MILK")
    opened = of_kind(till, "shift")
    report = shift.close_shift(till, shops.actor(), [])
    closed = of_kind(till, "shift")
    assert give(server, opened).outcome is Outcome.ACCEPTED
    assert give(server, closed).outcome is Outcome.ACCEPTED
    with server.store.read() as connection, till.store.read() as own:
        assert dict(shifts.by_id(connection, report.shift.id) or {}) == dict(
            shifts.by_id(own, report.shift.id) or {}
        )
        for read in (shifts.counts_of, shifts.results_of):
            theirs = sorted(map(dict, read(connection, report.shift.id)), key=str)
            assert theirs == sorted(map(dict, read(own, report.shift.id)), key=str)
        told = shifts.movements_of(connection, report.shift.id)
        kept = shifts.movements_of(own, report.shift.id)
    assert [row["amount"] for row in told] == [row["amount"] for row in kept]


def test_the_next_shift_waits_for_the_end_of_the_last(server: Shop, till: Shop) -> None:
    first = of_kind(till, "shift")
    shift.close_shift(till, shops.actor(), [])
    closed = of_kind(till, "shift")
    shops.open_till(till)
    second = of_kind(till, "shift")
    give(server, first)
    assert give(server, second).code == "shift_open"
    give(server, closed)
    assert give(server, second).outcome is Outcome.ACCEPTED


def audit_head(seq: int, linked: str, *, told: int = 0) -> Envelope:
    payload = document.canonical({"seq": seq, "hash": linked})
    return Envelope(
        id=f"audit-{seq}-{linked}",
        seq=told or seq,
        stream="audit",
        kind="audit",
        key="T01",
        payload=payload,
        content_hash=hash_of(payload),
    )


def test_an_audit_chain_that_goes_back_is_an_alarm(server: Shop) -> None:
    outcomes = [
        give(server, audit_head(seq, linked, told=told)).outcome.value
        for told, (seq, linked) in enumerate(
            ((5, "a"), (9, "b"), (9, "c"), (7, "a"), (12, "d")), start=1
        )
    ]
    assert outcomes == ["accepted", "accepted", "conflict", "conflict", "accepted"]


def test_a_till_that_knows_another_epoch_is_told_so_and_nothing_is_taken(
    server: Shop, sold: Envelope
) -> None:
    reply = send(server, sold, epoch="the one before the restore", incarnation="f" * 36)
    with server.store.read() as connection:
        head = feed_rows.head(connection)
    assert head is not None
    assert (reply.epoch, reply.results) == (head["epoch"], ())
    assert count(server, sales.sales) == 0
    assert send(server, sold, epoch=head["epoch"], incarnation="f" * 36).results


def test_a_shift_that_is_closed_stays_closed(server: Shop, till: Shop) -> None:
    opened = of_kind(till, "shift")
    closed = shift.close_shift(till, shops.actor(), []).shift
    assert give(server, of_kind(till, "shift")).outcome is Outcome.ACCEPTED
    assert give(server, opened).outcome is Outcome.ACCEPTED
    with server.store.read() as connection:
        row = shifts.by_id(connection, closed.id)
    assert row is not None
    assert row["state"] == "closed"


def test_an_older_audit_head_that_comes_late_is_none(server: Shop) -> None:
    assert give(server, audit_head(9, "b", told=20)).outcome is Outcome.ACCEPTED
    assert give(server, audit_head(5, "a", told=10)).outcome is Outcome.ACCEPTED
    with server.store.read() as connection:
        assert json.loads(setting.read(connection, "audit:T01") or "")["seq"] == 9


def test_a_key_without_the_right_may_not_synchronise(server: Shop, sold: Envelope) -> None:
    admin = Actor("U-a", "admin", "Admin", EVERY)
    for actor in (shops.actor(), admin, till_actor("T02", "key-2")):
        with pytest.raises(TillKeyNeeded):
            send(server, sold, actor=actor)
    assert count(server, sales.sales) == 0


def test_a_till_belongs_to_the_key_it_first_came_with(server: Shop, sold: Envelope) -> None:
    give(server, audit_head(1, "a"), till="T07", principal="key-7")
    with pytest.raises(TillNotYours):
        give(server, audit_head(2, "b"), till="T07", principal="key-8")
    intake.release_till(server, pair.KEY, "T07")
    assert give(server, audit_head(2, "b"), till="T07", principal="key-8").upstream_seq


def test_a_restored_till_fences_the_older_one(server: Shop) -> None:
    old, new = "01900000-0000-7000-8000-00000000000a", "01900000-0000-7000-8000-00000000000b"
    first = send(server, audit_head(5, "a"), till="T07", incarnation=old)
    # The chain of the new life may be shorter: what it lost is in the audit of the server.
    second = send(server, audit_head(2, "b", told=6), till="T07", incarnation=new)
    assert first.results[0].outcome is second.results[0].outcome is Outcome.ACCEPTED
    with pytest.raises(TillFenced):
        send(server, audit_head(7, "c"), till="T07", incarnation=old)
    with server.store.read() as connection:
        admitted = [row for row in audit.walk(connection) if row["action"] == "till.admit"]
    assert [row["details"]["incarnation"] for row in admitted if row["subject"] == "T07"] == [
        old,
        new,
    ]


def test_many_workers_take_the_same_envelopes_once(server: Shop, till: Shop) -> None:
    for _ in range(10):
        pair.sell(till, "MILK")
    names = ("id", "seq", "stream", "kind", "key", "payload", "content_hash")
    sent = [
        Envelope(**{name: row[name] for name in names})  # type: ignore[arg-type]
        for row in pair.envelopes(till)
        if row["kind"] == "sale"
    ]
    problems: list[BaseException] = []

    def deliver(order: list[Envelope]) -> None:
        try:
            left = order
            while left:
                reply = send(server, *left, incarnation="f" * 36)
                done = {row.id for row in reply.results if row.upstream_seq is not None}
                left = [envelope for envelope in left if envelope.id not in done]
        except BaseException as error:  # noqa: BLE001 - told to the test's own thread
            problems.append(error)

    orders = [sent, sent[::-1], sent[5:] + sent[:5], sent[::2] + sent[1::2]]
    threads = [threading.Thread(target=deliver, args=(order,)) for order in orders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert problems == []
    assert count(server, sales.sales) == count(server, posting.postings) == 10
    assert pair.on_hand(server, "MILK") == 90


def test_a_busy_database_leaves_the_rest_unanswered(
    server: Shop, sold: Envelope, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = intake.TAKERS["sale"], []

    def busy(*args: Any) -> Any:
        calls.append(args)
        if len(calls) > 1:
            raise DatabaseBusy(5)
        return real(*args)

    monkeypatch.setattr(intake, "TAKERS", {**intake.TAKERS, "sale": busy})
    other = replace(sold, id="e2", stream="sale:x")
    reply = send(server, sold, other, replace(other, id="e3"), incarnation="f" * 36)
    assert [row.id for row in reply.results] == [sold.id]
    with pytest.raises(DatabaseBusy):
        send(server, other, incarnation="f" * 36)
