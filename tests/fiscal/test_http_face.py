"""The box on HTTP as a stranger's client sees it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from fiscal import wire
from fiscal.profile import PERCENT
from sandbox.fault import Fault
from tests.fiscal.samples import Served, line, make_box, real_clock, request, served

BODY = wire.transact_body(request("A/1", line(price="0.43", quantity="1")), PERCENT)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Served]:
    with served(make_box(real_clock()), tmp_path, ways=("http",)) as up:
        yield up


def url(world: Served, path: str) -> str:
    return f"{world.http}/api/RevmaxAPI/{path}"


def test_success_and_refusal_both_are_status_200(world: Served) -> None:
    first = httpx2.post(url(world, "TransactM"), json=BODY)
    again = httpx2.post(url(world, "TransactM"), json=BODY)
    assert (first.status_code, again.status_code) == (200, 200)
    assert (first.json()["Code"], again.json()["Code"]) == ("1", "0")


def test_paths_know_no_case_and_numbers_may_be_escaped(world: Served) -> None:
    httpx2.post(url(world, "transactm"), json=BODY)
    found = httpx2.get(url(world, "getinvoice/A%2F1"))
    assert found.json()["Data"]["invoiceNo"] == "99001-A/1"
    assert '"receiptTotal":0.43,' in found.text
    assert '"receiptPrintForm":"Receipt48"' in found.text


@pytest.mark.parametrize(
    ("verb", "path", "content", "status"),
    [
        ("GET", "TransactM", b"", 405),
        ("POST", "ZReport", b"", 405),
        ("POST", "GetInvoice/A", b"", 405),
        ("GET", "Nonsense", b"", 404),
        ("GET", "GetInvoice", b"", 404),
        ("GET", "GetDayStatus/x", b"", 404),
        ("POST", "TransactM", b"{", 400),
        ("POST", "TransactM", b"\xff\xfe", 400),
        ("POST", "TransactM", b"x" * 2_000_001, 413),
    ],
)
def test_what_a_web_server_refuses_never_reaches_the_box(
    world: Served, verb: str, path: str, content: bytes, status: int
) -> None:
    answer = httpx2.request(verb, url(world, path), content=content)
    assert answer.status_code == status
    assert "Message" in answer.json()
    assert world.box.log.rows() == []


def test_json_that_is_no_object_breaks_the_box_as_a_null_does(world: Served) -> None:
    answer = httpx2.post(url(world, "TransactM"), content=json.dumps([1]))
    assert answer.json()["Message"].startswith("Object reference not set")


def test_day_and_backlog_by_query(world: Served) -> None:
    assert httpx2.get(url(world, "GetDayStatus")).json()["Data"]["lastFiscalDayNo"] == 1
    opened = world.box.ledger()["days"][0]["opened"][:10]

    def ask(**query: str) -> tuple[str, str]:
        answer = httpx2.get(url(world, "GetUnProcessedInvoicesSummary"), params=query).json()
        return answer["Code"], answer["Message"]

    assert ask(fiscalDate=opened) == ask(fiscalDayNumber="1") == ("1", "Success")
    either = "Either Fiscal Day Number or Fiscal Date must be provided"
    assert ask() == ask(fiscalDayNumber="") == ("0", either)
    assert ask(fiscalDayNumber="one")[0] == ask(fiscalDate="2026")[0] == "0"


def test_a_licence_key_is_not_in_the_log(world: Served) -> None:
    httpx2.get(url(world, "SetLicense"), params={"license": "SECRET-KEY-1234"})
    assert "SECRET" not in json.dumps(world.box.log.rows())


def test_without_power_nobody_answers(world: Served) -> None:
    world.box.faults.replace([Fault(do="power_cut_before_commit", seconds=30)])
    for _ in range(2):
        with pytest.raises(httpx2.TransportError):
            httpx2.post(url(world, "TransactM"), json=BODY)
    assert world.box.ledger()["asked"] == {"A/1": 1}
