from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from sync.errors import Unavailable
from sync.sap.client import ServiceLayer
from sync.sap.documents import find_invoice, post_invoice
from sync.sap.errors import BreakerOpen, LoginRefused, SapRejected
from sync.sap.port import Lost, NotSent, Response


def test_one_login_serves_every_call(world: Any) -> None:
    for _ in range(5):
        assert world.sl.count("Items") == 5
    assert world.calls("POST Login") == ["200"]


def test_l55_an_ended_session_costs_one_login_and_one_replay(world: Any, make: Any) -> None:
    world.sl.count("Items")
    world.arm("expire_session", "POST Invoices")
    posted = post_invoice(world.sl, make.invoice("k-1"))
    assert posted.doc_entry == 1
    assert world.keys() == ["k-1"]
    assert world.calls("POST Invoices") == ["401", "201"]
    assert world.calls("POST Login") == ["200", "200"]


def test_a_session_ended_twice_in_a_row_is_given_up(world: Any) -> None:
    world.arm("expire_session", "GET Items", times=2)
    with pytest.raises(Unavailable):
        world.sl.count("Items")
    assert world.sl.count("Items") == 5


def test_an_idle_session_is_renewed_before_it_is_used(world: Any) -> None:
    world.sl.count("Items")
    world.clock.sleep(24 * 60)
    world.sl.count("Items")
    assert len(world.calls("POST Login")) == 1
    world.clock.sleep(26 * 60)
    world.sl.count("Items")
    assert len(world.calls("POST Login")) == 2
    assert "401" not in world.calls("GET Items/$count")


def test_the_simulator_ends_idle_sessions_by_itself(world: Any) -> None:
    world.sl.count("Items")
    keep = world.client()
    keep.count("Items")
    for _ in range(3):
        world.clock.sleep(20 * 60)
        keep.count("Items")
    assert world.calls("GET Items/$count").count("401") == 0
    world.core.change_company({"session_minutes": 1})
    world.clock.sleep(90)
    keep.count("Items")
    assert world.calls("GET Items/$count").count("401") == 1


def test_l55_twenty_calls_with_an_ended_session_cause_one_login(world: Any) -> None:
    sl = world.sl
    sl.count("Items")
    world.core.sessions.end_all()
    start = threading.Barrier(20)

    def ask(_: int) -> int:
        start.wait(10)
        return sl.count("Items")

    with ThreadPoolExecutor(20) as pool:
        assert list(pool.map(ask, range(20))) == [5] * 20
    assert world.calls("POST Login") == ["200", "200"]


@pytest.mark.parametrize("world", ["socket-v1"], indirect=True)
def test_parallel_logins_of_one_process_never_meet(world: Any) -> None:
    world.arm("stall", "POST Login", seconds=0.2)
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda _: world.sl.count("Items"), range(8))) == [5] * 8
    assert world.calls("POST Login") == ["200"]


@pytest.mark.parametrize("world", ["socket-v1"], indirect=True)
def test_a_second_process_that_logs_in_meanwhile_is_turned_away_and_tries_again(
    world: Any,
) -> None:
    world.arm("stall", "POST Login", seconds=0.3)
    # The back-off is virtual, so whichever comes second asks until the other one is done.
    one, other = world.client(login_attempts=10_000), world.client(login_attempts=10_000)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(one.count, "Items")
        second = pool.submit(other.count, "Items")
        assert (first.result(10), second.result(10)) == (5, 5)
    assert world.calls("POST Login").count("200") == 2
    assert "299" in world.calls("POST Login")


def test_l55_licence_trouble_is_waited_out(world: Any) -> None:
    world.arm("login_299", "POST Login", times=3)
    started = world.clock.now()
    assert world.sl.count("Items") == 5
    assert world.calls("POST Login") == ["500", "500", "500", "200"]
    assert (world.clock.now() - started).total_seconds() == 7


def test_licence_trouble_that_stays_is_unavailable(world: Any) -> None:
    world.arm("login_299", "POST Login", times=99)
    with pytest.raises(Unavailable, match="299"):
        world.sl.count("Items")
    assert len(world.calls("POST Login")) == 4


def test_l55_a_wrong_password_is_tried_once_and_then_held_back(world: Any) -> None:
    wrong = world.client(password="guess")
    for _ in range(30):
        with pytest.raises(LoginRefused, match="100000027"):
            wrong.count("Items")
    assert world.calls("POST Login") == ["401"]
    world.clock.sleep(601)
    with pytest.raises(LoginRefused):
        wrong.count("Items")
    assert len(world.calls("POST Login")) == 2


def test_a_wrong_password_in_many_threads_is_tried_once(world: Any) -> None:
    wrong = world.client(password="guess")

    def ask(_: int) -> str:
        with pytest.raises(LoginRefused) as caught:
            wrong.count("Items")
        return caught.value.code

    with ThreadPoolExecutor(10) as pool:
        assert set(pool.map(ask, range(10))) == {"100000027"}
    assert world.calls("POST Login") == ["401"]


def test_five_wrong_passwords_lock_the_user_in_the_simulator(local: Any) -> None:
    for _ in range(5):
        with pytest.raises(LoginRefused, match="100000027"):
            local.client(password="guess").count("Items")
    with pytest.raises(LoginRefused, match="100000055"):
        local.sl.count("Items")


def test_logout_gives_the_session_back(world: Any) -> None:
    world.sl.count("Items")
    world.sl.logout()
    assert world.calls("POST Logout") == ["204"]
    world.sl.logout()
    assert len(world.calls("POST Logout")) == 1
    assert world.sl.count("Items") == 5
    assert len(world.calls("POST Login")) == 2


def test_logout_of_an_unreachable_server_is_harmless(world: Any) -> None:
    world.sl.count("Items")
    world.arm("drop_before", "POST Logout")
    world.sl.logout()


class Scripted:
    """A network that answers from a list."""

    def __init__(self, *answers: Response | Exception) -> None:
        self.answers = list(answers)
        self.sent: list[tuple[str, str, dict[str, str]]] = []

    def send(self, method: str, url: str, *, headers: Any, body: Any, timeout: float) -> Response:
        self.sent.append((method, url, dict(headers)))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def login(
    cookies: tuple[str, ...] = ("B1SESSION=abc;HttpOnly;", "ROUTEID=.node7; path=/b1s"),
) -> Response:
    body = b'{"SessionId":"abc","Version":"1000110","SessionTimeout":30}'
    return Response(200, tuple(("Set-Cookie", line) for line in cookies), body)


def ok(body: bytes = b"5", status: int = 200) -> Response:
    return Response(status, (), body)


@pytest.fixture
def scripted(local: Any) -> Any:
    def make(*answers: Response | Exception, **changes: Any) -> tuple[ServiceLayer, Scripted]:
        http = Scripted(*answers)
        return ServiceLayer(replace(local.settings, **changes), http, local.clock), http

    return make


def test_both_cookies_are_sent_by_hand(scripted: Any) -> None:
    sl, http = scripted(login(), ok())
    sl.count("Items")
    assert "Cookie" not in http.sent[0][2]
    assert http.sent[1][2]["Cookie"] == "B1SESSION=abc; ROUTEID=.node7"


def test_the_session_id_of_the_body_stands_in_for_a_missing_cookie(scripted: Any) -> None:
    sl, http = scripted(login(()), ok())
    sl.count("Items")
    assert http.sent[1][2]["Cookie"] == "B1SESSION=abc"


@pytest.mark.parametrize(
    "gone",
    [
        b'{"error":{"code":301,"message":{"lang":"en-us","value":"Invalid session."}}}',
        b'{"error":{"code":"301","message":"Invalid session or session already timeout."}}',
        b"",
        b"<html>401</html>",
    ],
)
def test_an_ended_session_is_recognised_in_every_dialect(scripted: Any, gone: bytes) -> None:
    sl, http = scripted(login(), ok(gone, 401), login(), ok())
    assert sl.count("Items") == 5
    assert [sent[1].rpartition("/")[2] for sent in http.sent].count("Login") == 2


def test_a_login_answer_nobody_can_read_is_tried_again(scripted: Any) -> None:
    sl, _ = scripted(ok(b"<html>"), ok(b"{}"), ok(b"[]"), login(), ok())
    assert sl.count("Items") == 5


def test_a_login_that_got_lost_is_tried_again(scripted: Any) -> None:
    sl, _ = scripted(Lost("reset"), login(), ok())
    assert sl.count("Items") == 5


def test_refused_connections_open_the_breaker_and_one_probe_closes_it(
    scripted: Any, local: Any
) -> None:
    sl, http = scripted(*[NotSent("refused")] * 6, ok(), login(), ok())
    for _ in range(5):
        with pytest.raises(Unavailable):
            sl.count("Items")
    assert sl.breaker.is_open
    for _ in range(20):
        with pytest.raises(BreakerOpen):
            sl.count("Items")
    assert len(http.sent) == 5
    local.clock.sleep(31)
    with pytest.raises(Unavailable):
        sl.count("Items")
    with pytest.raises(BreakerOpen):
        sl.count("Items")
    local.clock.sleep(31)
    assert sl.count("Items") == 5
    assert not sl.breaker.is_open
    # Both probes asked for nothing first, so that no document finds out about a dead line.
    urls = [url.partition("//")[2].partition("/")[2] for _, url, _ in http.sent]
    assert urls[5:] == ["ping/", "ping/", "b1s/v1/Login", "b1s/v1/Items/$count"]


def test_refusals_by_sap_never_open_the_breaker(world: Any) -> None:
    for _ in range(12):
        with pytest.raises(SapRejected):
            world.sl.count("NoSuchSet")
    assert not world.sl.breaker.is_open


def test_a_gateway_that_only_shows_its_page_opens_the_breaker(world: Any) -> None:
    world.arm("lookup_fails", "GET Invoices", times=99)
    with pytest.raises(Unavailable):
        find_invoice(world.sl, "k")
    with pytest.raises(Unavailable):
        find_invoice(world.sl, "k")
    assert world.sl.breaker.is_open


def test_time_shown_in_sentences_is_the_clock_s(local: Any) -> None:
    when = datetime(2026, 8, 20, 9, 30, tzinfo=UTC)
    assert "09:30:00" in str(BreakerOpen(when))
