"""pos queue: what the administrator of the server does about documents that do not get into SAP."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, text, update

from pos_app import secret
from pos_app.bootstrap import install
from pos_app.holder import Holder
from pos_app.server_work import ServerWork
from pos_app.services import health
from pos_app.services.notification.watch import Watcher
from pos_app.services.posting.takeover import LOCK
from pos_app.store import audit, queue
from pos_app.store.intake import intake
from pos_app.store.posting import postings
from tests.cli.till import Till


@pytest.fixture
def server(bare_till: Till) -> Till:
    """A server with three rows that failed for one cause, and one that waits."""
    bare_till.configure(role="server", code='"S01"')
    installation = install(bare_till.config, role="server", clock=bare_till.clock)
    now = bare_till.clock.now()
    with installation.shop.store.write() as connection:
        for number in range(1, 5):
            is_failed = number < 4
            values = {
                "key": f"K{number}",
                "kind": "payment",
                "document_id": f"K{number}",
                "reference": f"PAY-{number}",
                "source": "API",
                "partner": "C0001",
                "currency": "USD",
                "total": 500,
                "state": "RequiresReview" if is_failed else "Pending",
                "priority": 0,
                "attempts": 3 if is_failed else 0,
                "attempts_max": 3,
                "reason": "Account is locked." if is_failed else "",
                "reason_code": "-5002" if is_failed else "",
                "cause": "-5002: Account is locked." if is_failed else "",
                "request": {},
                "lease_token": 0,
                "try_at": now,
                "created_at": now,
                "created_by": "robot",
            }
            connection.execute(insert(postings).values(values))
    installation.close()
    return bare_till


def states(server: Till) -> dict[str, int]:
    installation = install(server.config, role="server", clock=server.clock)
    with installation.shop.store.read() as connection:
        counted = queue.counts(connection)
        list(audit.walk(connection))
    installation.close()
    return counted


def test_l84_a_server_that_tells_nobody_any_more_says_so_in_its_health(
    server: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The alerting crashed at each turn, and everything else went on looking well."""
    installation = install(server.config, role="server", clock=server.clock)
    for name in ("mail", "jwt"):
        secret.store_file(installation.folder / "secrets", name, "x" * 64)
    made = ServerWork(installation)

    def word() -> str:
        return health.check(installation.shop).dependencies["worker"]

    made._sweep()
    assert word() == "Healthy"
    with monkeypatch.context() as broken:
        broken.setattr(Watcher, "look", lambda _self: 1 // 0)
        for _ in range(7):
            server.clock.sleep(30)
            with pytest.raises(ZeroDivisionError):
                made._sweep()
    assert word() == "Unhealthy"
    made._sweep()
    assert word() == "Healthy"
    installation.close()


def test_the_list_says_what_waits_and_why(server: Till) -> None:
    ran = server.here("queue", "list")
    lines = ran.out.splitlines()
    assert (ran.code, len(lines), lines[-1]) == (0, 5, "4 documents.")
    assert "PAY-1" in lines[0]
    assert lines[0].endswith("Account is locked.")
    told = json.loads(server.here("queue", "list", "--state", "Pending", "--json").out)
    assert (told["total"], told["documents"][0]["reference"]) == (1, "PAY-4")


def test_incidents_are_one_for_each_cause_with_advice(server: Till) -> None:
    (one,) = json.loads(server.here("queue", "incidents", "--json").out)["incidents"]
    assert (one["count"], one["requires_review"], one["example"]) == (3, 3, "PAY-1")
    ran = server.here("queue", "incidents")
    assert f"{one['incident']} x3" in ran.out
    assert one["advice"] in ran.out


def test_what_was_odd_about_a_document_stands_beside_what_stands_still(server: Till) -> None:
    installation = install(server.config, role="server", clock=server.clock)
    words = {"code": "above_credit_limit", "sentence": "C0001 owes too much."}
    with installation.shop.store.write() as connection:
        connection.execute(
            insert(intake).values(
                id="e1", till="T01", till_seq=1, kind="sale", key="s1", content_hash="",
                upstream_seq=1, accepted_at=server.clock.now(), flags=[words],
            )
        )  # fmt: skip
    installation.close()
    (one,) = json.loads(server.here("queue", "incidents", "--json").out)["noticed"]
    assert (one["message"], one["count"]) == ("C0001 owes too much.", 1)
    out = server.here("queue", "incidents").out
    assert "noticed  x1 since" in out
    assert one["advice"] in out


def test_a_dry_run_changes_nothing_and_names_everything(server: Till) -> None:
    ran = server.here("queue", "requeue", "--dry-run")
    assert ran.out.splitlines() == ["PAY-1", "PAY-2", "PAY-3", "Would be tried again: 3 documents."]
    assert states(server) == {"Pending": 1, "RequiresReview": 3}
    (one,) = json.loads(server.here("queue", "incidents", "--json").out)["incidents"]
    ran = server.here("queue", "requeue", "--incident", one["incident"], "--reason", "unlocked")
    assert ran.out == "Tried again: 3 documents.\n"
    assert states(server) == {"Pending": 4}
    assert server.here("queue", "incidents").out == "Nothing stands still.\n"


def test_one_is_tried_again_and_one_is_taken_out(server: Till) -> None:
    assert server.here("queue", "retry", "PAY-2").out == "PAY-2 is tried again.\n"
    ran = server.here("queue", "cancel", "PAY-3", "--reason", "entered by hand as 17")
    assert ran.out == "PAY-3 is taken out of the queue.\n"
    assert states(server) == {"Pending": 2, "RequiresReview": 1, "Cancelled": 1}
    again = server.here("queue", "retry", "PAY-3")
    assert (again.code, again.out) == (3, "")
    assert "taken out of the queue for good" in again.err
    missing = server.here("queue", "cancel", "PAY-9", "--reason", "gone")
    assert missing.code == 2
    assert server.here("queue", "cancel", "PAY-1").code == 2, "a reason is needed"


def test_without_sap_nothing_was_entered_there_by_hand(server: Till) -> None:
    ran = server.here("queue", "posted", "PAY-1", "--number", "17")
    assert (ran.code, ran.out) == (3, "")
    assert "keeps its own books" in ran.err
    assert server.here("queue", "posted", "PAY-1", "--number", "none").code == 2
    assert states(server) == {"Pending": 1, "RequiresReview": 3}


def test_a_till_has_no_queue(till: Till) -> None:
    ran = till.here("queue", "list")
    assert ran.code == 2
    assert "server" in ran.err


def test_an_empty_queue_says_so(server: Till) -> None:
    installation = install(server.config, role="server", clock=server.clock)
    with installation.shop.store.write() as connection:
        connection.execute(text("DELETE FROM postings"))
    installation.close()
    assert server.here("queue", "list").out == "Nothing waits for SAP.\n"


@pytest.mark.parametrize("is_another_alive", [False, True])
def test_what_a_dead_worker_had_is_taken_over_only_where_none_lives(
    server: Till, is_another_alive: bool
) -> None:
    installation = install(server.config, role="server", clock=server.clock)
    for name in ("mail", "jwt"):
        secret.store_file(installation.folder / "secrets", name, "x" * 64)
    shop = installation.shop
    until = shop.clock.now() + timedelta(seconds=600)
    in_hand = {"state": "Processing", "lease_owner": "dead", "lease_until": until}
    with shop.store.write() as connection:
        connection.execute(update(postings).where(postings.c.key == "K4").values(in_hand))
    assert shop.store.path is not None
    other = Holder(shop.store.path.with_name(shop.store.path.name + LOCK))
    assert not is_another_alive or other.take()
    made = ServerWork(installation)
    made.start()
    made.stop()
    with shop.store.read() as connection:
        left = connection.execute(
            select(postings.c.lease_until).where(postings.c.key == "K4")
        ).scalar()
    other.release()
    installation.close()
    assert (left == until) is is_another_alive
