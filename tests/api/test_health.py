"""Health, probes and metrics: true on both databases, and silent about people and paths."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import delete, insert

from pos_app.errors import DatabaseBusy
from pos_app.services import health
from pos_app.services.posting import line, pulse
from pos_app.store import incident, intake
from pos_app.store.posting import postings
from tests.api.house import House, build

PROBES = ("/health/live", "/health/ready", "/health/deploy-ready", "/health/dependencies")


def queue(house: House, count: int, *, start: int = 0) -> None:
    now = house.clock.now()
    rows = [
        {
            "key": f"K{number}",
            "kind": "payment",
            "document_id": f"K{number}",
            "reference": f"PAY-{number}",
            "source": "API",
            "partner": "C0001",
            "currency": "USD",
            "total": 500,
            "state": "Pending",
            "priority": 0,
            "attempts": 0,
            "attempts_max": 3,
            "request": {},
            "lease_token": 0,
            "try_at": now,
            "created_at": now,
            "created_by": "robot",
        }
        for number in range(start, start + count)
    ]
    with house.shop.store.write() as connection:
        connection.execute(insert(postings), rows)


@contextmanager
def broken(house: House) -> Iterator[None]:
    """A database that does not answer."""

    class Broken:
        dialect, place = "sqlite", "here"

        def read(self) -> Any:
            raise DatabaseBusy(5)

        write = read

    kept = house.shop.store
    object.__setattr__(house.shop, "store", Broken())
    yield
    object.__setattr__(house.shop, "store", kept)


def test_everybody_is_told_how_it_is_and_nobody_why(house: House) -> None:
    told = house.client.get("/api/Health").json()
    assert (told["status"], told["liveness"], told["readiness"]) == ("Healthy",) * 3
    assert told["dependencies"] == {
        "database": "Healthy", "queue": "Healthy", "worker": "Unknown", "sap": "Unknown",
        "fiscal": "Healthy",
    }  # fmt: skip
    for path in PROBES:
        assert house.client.get(path).status_code == 200, path
    pulse.beat(house.shop)
    line.note(house.shop, is_up=False, problem="No route to sap.internal")
    queue(house, 26)
    found = house.client.get("/health/dependencies")
    words = found.json()["dependencies"]
    assert (words["queue"], words["worker"], words["sap"]) == ("Degraded", "Healthy", "Unhealthy")
    assert "internal" not in found.text
    house.clock.sleep(61 * 60)
    words = house.client.get("/api/Health").json()["dependencies"]
    assert (words["queue"], words["worker"]) == ("Unhealthy", "Unhealthy")
    assert house.client.get("/api/Health").status_code == 200, "it still sells"


def test_l94_the_queue_changes_its_word_exactly_at_its_thresholds(quick: House) -> None:
    def word() -> str:
        return health.check(quick.shop).dependencies["queue"]

    said, start = [], 0
    for depth in (25, 26, 100, 101):
        queue(quick, depth - start, start=start)
        start = depth
        said.append(word())
    assert said == ["Healthy", "Degraded", "Degraded", "Unhealthy"]
    with quick.shop.store.write() as connection:
        connection.execute(delete(postings))
    queue(quick, 1)
    said = []
    for seconds in (15 * 60, 1, 45 * 60 - 1, 1):
        quick.clock.sleep(seconds)
        said.append(word())
    assert said == ["Healthy", "Degraded", "Degraded", "Unhealthy"]


def test_l94_a_slow_database_changes_its_word_exactly_at_its_thresholds(
    quick: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = health.migrate.version
    for seconds, word in (
        (0.5, "Healthy"),
        (0.501, "Degraded"),
        (2, "Degraded"),
        (2.001, "Unhealthy"),
    ):

        def slow(connection: Any, seconds: float = seconds) -> Any:
            quick.clock.sleep(seconds)
            return version(connection)

        monkeypatch.setattr(health.migrate, "version", slow)
        found = health.check(quick.shop)
        assert (found.dependencies["database"], found.is_ready) == (word, True)


def test_a_process_without_its_database_lives_and_is_not_ready(quick: House) -> None:
    with broken(quick):
        answers = {path: quick.client.get(path).status_code for path in ("/api/Health", *PROBES)}
        local = quick.as_local().get("/metrics")
    assert answers.pop("/health/live") == 200
    assert set(answers.values()) == {503}
    assert local.status_code == 200
    assert "pos_database_up 0.0" in local.text
    assert "pos_postings_waiting" not in local.text, "unknown is not zero"


def test_what_is_measured_is_told_without_names_of_people(house: House) -> None:
    queue(house, 3)
    house.clock.sleep(90)
    now = house.clock.now()
    envelope = {
        "id": "E1", "till": "T01", "till_seq": 1, "kind": "sale", "key": "k", "content_hash": "h",
        "upstream_seq": 1, "accepted_at": now, "flags": [],
    }  # fmt: skip
    stands = {
        "cause": "away", "sentence": "SAP is away.", "rows": 3, "most_rows": 3,
        "opened_at": now, "changed_at": now,
    }  # fmt: skip
    with house.shop.store.write() as connection:
        intake.add(connection, envelope)
        incident.begin(connection, [stands])
    house.till_key("T01")
    house.till_key("T02")
    line.note(house.shop, is_up=True)
    pulse.beat(house.shop)
    house.clock.sleep(30)
    text = house.as_local().get("/metrics").text
    lines = set(text.splitlines())
    assert lines >= {
        "pos_postings_waiting 3.0",
        "pos_postings_oldest_seconds 120.0",
        'pos_postings{state="Pending"} 3.0',
        "pos_incidents 1.0",
        "pos_incident_documents 3.0",
        'pos_till_silent_seconds{till="T01"} 30.0',
        "pos_sap_up 1.0",
        "pos_sap_silent_seconds 30.0",
        "pos_worker_silent_seconds 30.0",
        "pos_fiscal_waiting 0.0",
        "pos_database_up 1.0",
        "pos_hub_connections 0.0",
    }
    labels = {part.split("=")[0] for row in lines if "{" in row and row[0] != "#"
              for part in row.split("{")[1].split("}")[0].split(",")}  # fmt: skip
    assert labels <= {"method", "route", "status", "le", "state", "till"}


@pytest.mark.parametrize("has_sap", [True, False])
def test_a_shop_without_sap_has_no_sap_to_be_well(sqlite_store: Any, has_sap: bool) -> None:
    house = build(sqlite_store, has_sap=has_sap)
    assert ("sap" in house.client.get("/api/Health").json()["dependencies"]) == has_sap


def test_several_workers_beat_in_one_row(quick: House) -> None:
    pulse.beat(quick.shop)
    first = pulse.seen(quick.shop)
    quick.clock.sleep(29)
    pulse.beat(quick.shop)
    assert pulse.seen(quick.shop) == first
    quick.clock.sleep(1)
    pulse.beat(quick.shop)
    assert pulse.seen(quick.shop) == quick.clock.now()
