from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from sync.errors import OutcomeUnknown, Unavailable
from sync.sap.batch import Part, post_together, read_together
from sync.sap.documents import find_invoice, get_invoice
from sync.sap.errors import Kind, SapRejected
from sync.sap.payloads import invoice_body
from sync.sap.port import Response


def bodies(world: Any, make: Any, *keys: str, quantity: str = "1") -> list[Part]:
    return [
        Part(
            "Invoices",
            invoice_body(make.invoice(key, make.line("BREAD", quantity)), world.settings),
        )
        for key in keys
    ]


def test_a_change_set_happens_whole(world: Any, make: Any) -> None:
    made = post_together(world.sl, bodies(world, make, "k-1", "k-2"))
    assert [row["DocTotal"] for row in made] == [Decimal("1.00"), Decimal("1.00")]
    assert world.keys() == ["k-1", "k-2"]
    assert world.core.books.on_hand("BREAD", "SHOP1") == 8


def test_a_change_set_with_one_refusal_leaves_nothing(world: Any, make: Any) -> None:
    parts = bodies(world, make, "k-1", "k-2", quantity="6")
    milk = make.milk("1", ("B1", "1"))
    parts.insert(1, Part("Invoices", invoice_body(make.invoice("k-3", milk), world.settings)))
    with pytest.raises(SapRejected) as caught:
        post_together(world.sl, parts)
    assert caught.value.kind is Kind.WAITING_FOR_STOCK
    assert world.keys() == []
    assert world.core.books.on_hand("BREAD", "SHOP1") == 10
    assert world.core.books.batch_stock[1]["SHOP1"] == 5
    assert world.core.ledger()["balances"].get("C0001", "0") in {"0", "0.00"}
    [again] = post_together(world.sl, bodies(world, make, "k-1"))
    assert (again["DocEntry"], again["DocNum"]) == (1, 100001)


def test_a_rate_set_by_a_refused_change_set_is_taken_back(local: Any, make: Any) -> None:
    rate = {"Currency": "ZiG", "RateDate": "20260821", "Rate": 30}
    parts = [Part("SBOBobService_SetCurrencyRate", rate), Part("Invoices", {"CardCode": "C0404"})]
    with pytest.raises(SapRejected):
        post_together(local.sl, parts)
    assert local.core.books.rates == {("ZiG", "2026-08-20"): 25}
    post_together(local.sl, parts[:1])
    assert local.core.books.rates["ZiG", "2026-08-21"] == 30


def test_l03_what_a_batch_creates_may_be_hidden_too(local: Any, make: Any) -> None:
    local.arm("hide", "POST $batch", seconds=60)
    post_together(local.sl, bodies(local, make, "k-1"))
    assert find_invoice(local.sl, "k-1") is None
    local.clock.sleep(61)
    assert find_invoice(local.sl, "k-1") is not None


def test_a_later_part_names_what_an_earlier_one_made(world: Any, make: Any) -> None:
    parts = [*bodies(world, make, "k-1"), Part("$1/Cancel")]
    post_together(world.sl, parts)
    cancelled = get_invoice(world.sl, 1)
    assert cancelled is not None
    assert cancelled.cancelled


def test_l01_a_lost_change_set_is_unknown_and_looked_up(world: Any, make: Any) -> None:
    for fault in ("commit_then_drop", "commit_then_502", "truncate_json"):
        world.arm(fault, "POST $batch")
        with pytest.raises(OutcomeUnknown):
            post_together(world.sl, bodies(world, make, fault))
        assert find_invoice(world.sl, fault) is not None
    world.arm("refuse", "POST $batch")
    if not world.is_socket:
        with pytest.raises(Unavailable):
            post_together(world.sl, bodies(world, make, "k-9"))
    assert find_invoice(world.sl, "k-9") is None


def test_a_change_set_survives_its_process_whole_or_not_at_all(
    world: Any, make: Any, tmp_path: Any
) -> None:
    from sync.sap.simulator.journal import Journal

    world.core._journal = Journal(tmp_path / "journal.jsonl")
    post_together(world.sl, bodies(world, make, "k-1", "k-2"))
    with pytest.raises(SapRejected):
        post_together(world.sl, bodies(world, make, "k-3", "k-4", quantity="6"))
    [entry] = list(world.core._journal.read())
    assert len(entry["all"]) == 2


def test_many_reads_take_one_exchange(world: Any) -> None:
    paths = ["Items('MILK1')?$select=ItemName", "Items('NOPE')?$select=ItemName"]
    found = read_together(world.sl, paths)
    assert found[0] is not None
    assert found[0]["ItemName"] == "Milk 1 l"
    assert found[1:] == [None] or len(found) == 2
    assert world.calls("POST $batch") in ([f"{202 if '/v1' in world.settings.url else 200}"],)


def test_reads_that_get_no_whole_answer_are_no_empty_result(world: Any) -> None:
    paths = ["Items('MILK1')?$select=ItemName"]
    world.arm("truncate_json", "POST $batch", bytes=200)
    with pytest.raises(Unavailable):
        read_together(world.sl, paths)
    with pytest.raises(SapRejected):
        read_together(world.sl, ["Items('MILK1')?$select=Nope"])


def test_a_batch_that_is_none_is_refused_with_sap_s_words(local: Any) -> None:
    for body, kind in (
        (b"--x\r\n", "multipart/mixed;boundary=b1"),
        (b"{}", "application/json"),
        (
            b"--b1\r\nContent-Type: application/http\r\n\r\nGET Items\r\n\r\n",
            "multipart/mixed;boundary=b1",
        ),
    ):
        with pytest.raises(SapRejected) as caught:
            local.sl.post_raw("$batch", body, content_type=kind)
        assert caught.value.text == "Incomplete Batch Request Body!"


def test_a_read_inside_a_change_set_is_refused(local: Any) -> None:
    with pytest.raises(SapRejected) as caught:
        post_together(local.sl, [Part("Items('MILK1')", method="GET")])
    assert caught.value.code == "-1000"


@pytest.mark.parametrize(
    "answer",
    [
        Response(202, (("Content-Type", "application/json"),), b"{}"),
        Response(
            202,
            (("Content-Type", "multipart/mixed;boundary=x"),),
            b"--x\r\nContent-Type: application/http\r\n\r\nnothing here\r\n--x--\r\n",
        ),
        Response(
            202,
            (("Content-Type", "multipart/mixed;boundary=x"),),
            b"--x\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 204 None\r\n\r\n\r\n--x--",
        ),
        Response(
            202,
            (("Content-Type", "multipart/mixed;boundary=x"),),
            b"--x\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 201 Created\r\n\r\n{\r\n--x--",
        ),
    ],
)
def test_an_answer_nobody_can_read_leaves_a_change_set_unknown(
    local: Any, make: Any, answer: Response
) -> None:
    parts = bodies(local, make, "k-1", "k-2")
    local.sl.get("Items/$count")
    local.sl._line._http = _Says(answer)
    with pytest.raises(OutcomeUnknown):
        post_together(local.sl, parts)


class _Says:
    """Answers everything alike."""

    def __init__(self, answer: Response) -> None:
        self._answer = answer

    def send(self, *_: Any, **__: Any) -> Response:
        return self._answer
