"""One answer per key: replayed, refused, raced, taken over; on each database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event
from typing import Any

import pytest

from pos_app.services import idempotency, invoice
from pos_app.services.idempotency import Asked, Claim, KeyReused, Reply, StillAtWork
from tests.api.house import House, invoice_body, on_hand

PATH = "/api/Invoice"


def test_l28_the_first_answer_is_given_again_with_its_body(house: House) -> None:
    caller = house.as_role("Admin")
    first = caller.post(PATH, invoice_body(), Idempotency_Key="k-1")
    again = caller.post(PATH, invoice_body(), Idempotency_Key="k-1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert again.content == first.content
    assert again.headers["content-type"] == first.headers["content-type"]
    assert again.headers["x-frame-options"] == "DENY"
    assert on_hand(house.shop, "MILK") == 90
    other = caller.post(PATH, invoice_body(), Idempotency_Key="k-2")
    assert other.json()["id"] != first.json()["id"]


@pytest.mark.parametrize("how", ["body", "query"])
def test_l28_the_key_with_another_content_is_409(house: House, how: str) -> None:
    caller = house.as_role("Admin")
    caller.post(PATH, invoice_body(), Idempotency_Key="k-1")
    path = PATH if how == "body" else f"{PATH}?allocationStrategy=FIFO"
    body = invoice_body(comments="other") if how == "body" else invoice_body()
    answer = caller.post(path, body, Idempotency_Key="k-1")
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_key_reused")
    assert on_hand(house.shop, "MILK") == 90


def test_keys_of_two_users_and_of_two_routes_are_apart(house: House) -> None:
    body = invoice_body()
    admin = house.as_role("Admin").post(PATH, body, Idempotency_Key="same")
    cashier = house.as_role("Cashier").post(PATH, body, Idempotency_Key="same")
    assert admin.json()["id"] != cashier.json()["id"]
    payment = {"cardCode": "C0001", "cashSum": 1}
    elsewhere = house.as_role("Admin").post("/api/IncomingPayment", payment, Idempotency_Key="same")
    assert "idempotency-replayed" not in elsewhere.headers


def test_l28_a_refusal_is_not_remembered(house: House) -> None:
    caller = house.as_role("Admin")
    short = invoice_body()
    short["lines"][0]["quantity"] = 1000
    assert caller.post(PATH, short, Idempotency_Key="k-1").status_code == 400
    assert caller.post(PATH, invoice_body(), Idempotency_Key="k-1").status_code == 201


def test_a_key_expires_after_an_hour(house: House) -> None:
    caller = house.as_role("Admin")
    first = caller.post(PATH, invoice_body(), Idempotency_Key="k-1").json()
    house.clock.sleep(3599)
    caller = house.as_role("Admin")
    assert caller.post(PATH, invoice_body(), Idempotency_Key="k-1").json() == first
    house.clock.sleep(2)
    assert caller.post(PATH, invoice_body(), Idempotency_Key="k-1").json()["id"] != first["id"]


@pytest.mark.parametrize("key", ["x" * 201, "tab\tbed"])
def test_keys_that_cannot_be_kept_are_400(quick: House, key: str) -> None:
    answer = quick.as_role("Admin").post(PATH, invoice_body(), Idempotency_Key=key)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_malformed")


def test_tokens_are_never_kept(quick: House) -> None:
    body = {"username": "the-cashier", "password": "Correct-Horse-7"}
    headers = {"Idempotency-Key": "login"}
    tokens = {
        quick.client.post("/api/Auth/login", json=body, headers=headers).json()["refreshToken"]
        for _ in range(2)
    }
    assert len(tokens) == 2


def test_twenty_at_once_make_one_invoice(house: House) -> None:
    caller = house.as_role("Admin")
    with ThreadPoolExecutor(20) as pool:
        answers = list(
            pool.map(lambda _: caller.post(PATH, invoice_body(), Idempotency_Key="race"), range(20))
        )
    statuses = {answer.status_code for answer in answers}
    assert 201 in statuses
    assert statuses <= {201, 409}
    assert {a.json()["code"] for a in answers if a.status_code == 409} <= {
        "idempotency_in_progress"
    }
    assert len({a.json()["id"] for a in answers if a.status_code == 201}) == 1
    assert on_hand(house.shop, "MILK") == 90


def test_a_second_request_hears_that_the_first_is_at_work(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller = house.as_role("Admin")
    entered, leave = Event(), Event()
    real = invoice.create

    def slow(*given: Any, **named: Any) -> Any:
        entered.set()
        assert leave.wait(20)
        return real(*given, **named)

    monkeypatch.setattr(invoice, "create", slow)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(caller.post, PATH, invoice_body(), Idempotency_Key="slow")
        assert entered.wait(20)
        second = caller.post(PATH, invoice_body(), Idempotency_Key="slow")
        assert (second.status_code, second.json()["code"]) == (409, "idempotency_in_progress")
        assert int(second.headers["retry-after"]) > 0
        leave.set()
        assert first.result().status_code == 201


def asked(key: str = "k", content: str = "h") -> Asked:
    return Asked("user:a", "POST", PATH, key, content)


def test_l28_a_claim_that_was_cut_off_is_taken_over_after_its_lease(house: House) -> None:
    shop = house.shop
    first = idempotency.claim(shop, asked())
    assert isinstance(first, Claim)
    with pytest.raises(StillAtWork):
        idempotency.claim(shop, asked())
    with pytest.raises(KeyReused):
        idempotency.claim(shop, asked(content="other"))
    house.clock.sleep(idempotency.LEASE / timedelta(seconds=1))
    second = idempotency.claim(shop, asked())
    assert isinstance(second, Claim)
    assert second.document_id == first.document_id, "what it makes keeps its identity"
    reply = Reply(201, {"content-type": "application/json"}, b"{}")
    assert not idempotency.finish(shop, asked(), first, reply), "the first one lost its right"
    assert idempotency.finish(shop, asked(), second, reply)
    assert idempotency.claim(shop, asked()) == reply


def test_work_done_before_a_crash_is_found_by_whoever_takes_over(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller = house.as_role("Admin")

    def crash(*_: object) -> None:
        raise RuntimeError("power cut")

    with monkeypatch.context() as patch:
        patch.setattr(idempotency, "finish", crash)
        patch.setattr(idempotency, "release", crash)
        assert caller.post(PATH, invoice_body(), Idempotency_Key="cut").status_code == 500
    assert on_hand(house.shop, "MILK") == 90
    assert caller.post(PATH, invoice_body(), Idempotency_Key="cut").status_code == 409
    house.clock.sleep(121)
    again = caller.post(PATH, invoice_body(), Idempotency_Key="cut")
    assert again.status_code == 201
    assert on_hand(house.shop, "MILK") == 90
    assert again.json()["id"] == caller.get("/api/Invoice").json()["items"][0]["id"]


def test_an_answer_goes_out_even_if_it_cannot_be_kept(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pos_app.errors import DatabaseBusy

    def busy(*_: object) -> None:
        raise DatabaseBusy(5)

    monkeypatch.setattr(idempotency, "finish", busy)
    answer = house.as_role("Admin").post(PATH, invoice_body(), Idempotency_Key="k")
    assert answer.status_code == 201
