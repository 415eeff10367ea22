"""``/api/Payment``: asked, answered, called back, given back; and what it does to an invoice."""

from __future__ import annotations

from typing import Any

import pytest

from pos_app.services.charge import look, view
from sandbox.fault import Fault
from tests.api.house import House, build, invoice_body
from tests.gateways import NEVER, PHONE, POOR, Till

PATH = "/api/Payment"
ASKED = {
    "transactionId", "externalTransactionId", "status", "provider", "paymentUrl", "qrCode",
    "ussdCode", "instructions", "expiresAt",
}  # fmt: skip
STATUS = {
    "transactionId", "externalTransactionId", "status", "statusMessage", "amount", "currency",
    "provider", "createdAt", "completedAt",
}  # fmt: skip


class Counter(Till):
    """A server with providers, spoken to over HTTP; callbacks come over HTTP as well."""

    house: House

    def deliver(self, post: Any) -> None:
        path = post.url.removeprefix("http://shop.test")
        answer = self.house.client.post(path, content=post.body, headers=dict(post.headers))
        self.heard.append(str(answer.status_code))

    def start(self, role: str = "Admin", **body: Any) -> Any:
        told = {"provider": "Ecocash", "amount": 10, "phoneNumber": PHONE, "customerCode": "C0001"}
        return self.house.as_role(role).post(f"{PATH}/initiate", told | body)

    def status(self, identity: str) -> Any:
        return self.house.as_role("User").get(f"{PATH}/{identity}/status").json()


def counter_of(house: House) -> Counter:
    made = Counter.of(house.shop)
    assert isinstance(made, Counter)
    made.house = house
    object.__setattr__(house.app.state.context.settings, "gateways", made.gateways)
    return made


@pytest.fixture
def counter(store: Any) -> Any:
    house = build(store)
    before = house.app.state.context.settings.gateways
    yield counter_of(house)
    object.__setattr__(house.app.state.context.settings, "gateways", before)


@pytest.fixture
def quick_counter(sqlite_store: Any) -> Any:
    house = build(sqlite_store)
    before = house.app.state.context.settings.gateways
    yield counter_of(house)
    object.__setattr__(house.app.state.context.settings, "gateways", before)


def test_a_payment_of_an_invoice_is_booked_on_it_and_given_back(counter: Counter) -> None:
    admin = counter.house.as_role("Admin")
    invoice = admin.post("/api/Invoice", invoice_body()).json()
    told = counter.start(amount=19.90, invoiceId=invoice["id"], reference="Milk").json()
    assert set(told) >= ASKED
    assert (told["status"], told["provider"]) == ("Processing", "Ecocash")
    counter.pass_time(3)
    assert counter.heard == ["200"]
    status = counter.status(told["transactionId"])
    assert set(status) >= STATUS
    assert (status["status"], status["amount"], status["currency"]) == ("Success", 19.9, "USD")
    read = admin.get(f"/api/Invoice/{invoice['id']}").json()
    assert (read["paidToDate"], read["docStatus"]) == (19.9, "Closed")
    (row,) = admin.get(f"/api/IncomingPayment/by-invoice/{invoice['docEntry']}").json()["payments"]
    assert (row["transferSum"], row["transferReference"]) == (19.9, told["externalTransactionId"])
    page = admin.get(f"{PATH}/transactions", provider="ecocash", status="Success").json()
    assert (page["totalCount"], page["totalAmount"], page["pageSize"]) == (1, 19.9, 20)
    assert page["transactions"][0]["invoiceId"] == str(invoice["id"])
    back = admin.post(f"{PATH}/{told['transactionId']}/refund?amount=9.90")
    assert (back.status_code, back.json()["message"]) == (200, "9.90 USD were given back.")
    assert counter.status(told["transactionId"])["refundedAmount"] == 9.9
    assert admin.post(f"{PATH}/{told['transactionId']}/refund?amount=10.01").status_code == 400
    assert admin.post(f"{PATH}/{told['transactionId']}/refund").status_code == 200
    assert counter.status(told["transactionId"])["status"] == "Refunded"
    assert admin.post(f"{PATH}/{told['transactionId']}/refund").status_code == 409


def test_money_beyond_what_is_open_is_on_the_customers_account(quick_counter: Counter) -> None:
    admin = quick_counter.house.as_role("Admin")
    invoice = admin.post("/api/Invoice", invoice_body()).json()
    pays = [{"docEntry": invoice["docEntry"], "sumApplied": 15}]
    quick_counter.start(amount=19.90, invoiceId=str(invoice["docEntry"]))
    admin.post(
        "/api/IncomingPayment", {"cardCode": "C0001", "cashSum": 15, "paymentInvoices": pays}
    )
    quick_counter.pass_time(3)
    assert admin.get(f"/api/Invoice/{invoice['id']}").json()["paidToDate"] == 19.9
    rows = admin.get("/api/IncomingPayment").json()["payments"]
    assert [(row["docTotal"], row["paymentInvoices"][0]["sumApplied"]) for row in rows] == [
        (19.9, 4.9),
        (15, 15),
    ]


def test_a_repeated_request_asks_the_customer_once(quick_counter: Counter) -> None:
    house = quick_counter.house
    body = {"provider": "PAYNOW", "amount": "5.00", "customerCode": "C0001"}
    caller = house.as_role("Cashier")
    first = caller.post(f"{PATH}/initiate", body, Idempotency_Key="k1").json()
    assert caller.post(f"{PATH}/initiate", body, Idempotency_Key="k1").json() == first
    assert first["paymentUrl"].startswith("http://gateway.test/Payment/ConfirmPayment/")
    assert len(quick_counter.sim.books.ledger()["transactions"]) == 1


def test_a_lost_answer_is_pending_may_be_cancelled_and_its_money_still_counts(
    quick_counter: Counter,
) -> None:
    quick_counter.arm(Fault(do="timeout_then_success"))
    told = quick_counter.start().json()
    assert told["status"] == "Pending"
    cancel = f"{PATH}/{told['transactionId']}/cancel"
    caller = quick_counter.house.as_role("Cashier")
    assert caller.post(cancel).status_code == 200
    assert caller.post(cancel).json()["code"] == "charge_not_so"
    quick_counter.pass_time(3)
    assert quick_counter.status(told["transactionId"])["status"] == "Success"
    assert [row.kind.value for row in view.waiting(quick_counter.shop)] == ["late"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"provider": "Bitcoin"}, 400, "provider_unknown"),
        ({"provider": "Innbucks", "currency": "ZWL"}, 400, "provider_unknown"),
        ({"currency": "EUR"}, 400, "unmapped_currency"),
        ({"phoneNumber": "12"}, 400, "phone_invalid"),
        ({"phoneNumber": None}, 400, "phone_invalid"),
        ({"phoneNumber": POOR}, 502, "charge_refused"),
        ({"invoiceId": 77}, 400, "invoice_unpayable"),
        ({"amount": 0}, 400, "amount"),
        ({"amount": 0.001}, 400, "amount"),
        ({"amount": True}, 400, "amount"),
        ({"reference": "x" * 201}, 400, "reference"),
        ({"returnUrl": "javascript:alert(1)"}, 400, "returnUrl"),
        ({"invoiceId": True}, 400, "invoiceId"),
        ({"provider": ""}, 400, "provider"),
    ],
)
def test_what_cannot_be_asked_says_why(
    quick_counter: Counter, body: dict[str, Any], status: int, code: str
) -> None:
    answer = quick_counter.start(**body)
    told = answer.json()
    assert (answer.status_code, told.get("code") or next(iter(told["errors"]))) == (status, code)


def test_an_invoice_of_another_name_is_only_a_word(quick_counter: Counter) -> None:
    told = quick_counter.start(invoiceId="INV-1001", callbackUrl="https://elsewhere.example.com/x")
    assert told.status_code == 200
    (row,) = quick_counter.sim.books.ledger()["transactions"]
    assert row["callback_url"] == "http://shop.test/api/Payment/callback/ecocash"


def test_users_ask_by_the_ways_they_are_allowed(quick_counter: Counter) -> None:
    from pos_app.services.payment import MethodNotYours, check_wallet
    from tests.shops import actor

    assert quick_counter.start("Cashier", phoneNumber=NEVER).status_code == 200
    check_wallet(actor(), "Ecocash", ["EcoCash"])
    for methods in (["Cash"], ["Innbucks"]):
        with pytest.raises(MethodNotYours):
            check_wallet(actor(), "Ecocash", methods)


def test_callbacks_are_refused_in_words_and_never_break(quick_counter: Counter) -> None:
    client = quick_counter.house.client
    for provider in ("paynow", "innbucks", "ecocash"):
        for body in (
            b"",
            b"\xff\xfe",
            b"{}",
            b"[1]",
            b"a=%00",
            b"status=Paid&hash=x",
            b'{"a":1e999}',
        ):
            answer = client.post(f"{PATH}/callback/{provider}", content=body)
            assert answer.status_code in {400, 401}, (provider, body)
            assert answer.json()["error"].endswith(".")
    object.__setattr__(
        quick_counter.house.app.state.context.settings, "gateways", type(quick_counter.gateways)()
    )
    assert client.post(f"{PATH}/callback/paynow", content=b"a=b").status_code == 404


def test_providers_are_told_set_up_or_not(quick_counter: Counter) -> None:
    rows = quick_counter.house.as_role("User").get(f"{PATH}/providers").json()["providers"]
    assert [(row["name"], row["isEnabled"], row["supportedCurrencies"]) for row in rows] == [
        ("PayNow", True, ["USD", "ZIG"]),
        ("Innbucks", True, ["USD"]),
        ("Ecocash", True, ["USD", "ZIG"]),
    ]


def test_odd_questions_about_payments_get_an_answer(quick_counter: Counter) -> None:
    caller = quick_counter.house.as_role("Admin")
    assert caller.get(f"{PATH}/none/status").status_code == 404
    assert caller.post(f"{PATH}/none/cancel").status_code == 404
    assert caller.post(f"{PATH}/none/refund").status_code == 404
    assert caller.get(f"{PATH}/transactions", page=-1, pageSize=10**9).json()["totalCount"] == 0
    assert caller.get(f"{PATH}/transactions", status="Nope").status_code == 400
    for amount in ("NaN", "-1", "0", "1e99", "x", "0.001"):
        assert caller.post(f"{PATH}/none/refund?amount={amount}").status_code == 400
    assert look.work(quick_counter.shop, quick_counter.gateways).done == 0
