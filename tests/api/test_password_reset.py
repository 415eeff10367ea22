"""A lost password: the way through the mailbox, and nothing learnt by those who have none."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest
from sqlalchemy import select

from pos_app.services import password_reset
from pos_app.services.shop import MailRules
from pos_app.store import audit
from pos_app.store import mail as spool
from pos_app.store import password as passwords
from tests.api.house import House
from tests.api.test_auth import login, me, new_window
from tests.api.test_two_factor import switch_on
from tests.api.test_user import number_of
from tests.cheap import cheap

__all__ = ["cheap"]
pytestmark = pytest.mark.usefixtures("cheap")
NEW = "N3w!Passw0rd"
PAGE = "https://shop.example.com/reset"
CASHIER = "cashier@example.com"


def with_mail(house: House) -> Iterator[House]:
    """A server that can send mail, for as long as a test takes."""
    rules = house.shop.rules
    mail = MailRules(sender="shop@example.com", sender_name="Shop")
    object.__setattr__(house.shop, "rules", replace(rules, mail=mail))
    yield house
    object.__setattr__(house.shop, "rules", rules)


@pytest.fixture
def house(house: House) -> Iterator[House]:
    yield from with_mail(house)


@pytest.fixture
def quick(quick: House) -> Iterator[House]:
    yield from with_mail(quick)


def ask(house: House, email: str = CASHIER) -> Any:
    return house.client.post("/api/Password/reset/request", json={"email": email})


def letters(house: House) -> list[Any]:
    with house.shop.store.read() as connection:
        rows = connection.execute(select(spool.mails).order_by(spool.mails.c.seq)).mappings()
        return [message_from_bytes(row["message"], policy=policy.SMTP) for row in rows]


def mailed(house: House, email: str = CASHIER, *, page: str = PAGE) -> str:
    """Ask, let the server work, and take the token out of the newest mail."""
    assert ask(house, email).status_code == 200
    password_reset.work(house.shop, page=page)
    return token_of(house, page=page)


def token_of(house: House, *, page: str = PAGE) -> str:
    """What the newest mail lets somebody in by."""
    text = letters(house)[-1].get_content()
    found = re.search(r"token=(\S+)" if page else r"code is:\s+(\S+)", text)
    assert found is not None, text
    return found[1]


def complete(house: House, token: str, new: str = NEW, again: str | None = None) -> Any:
    told = {"token": token, "newPassword": new, "confirmPassword": new if again is None else again}
    return house.client.post("/api/Password/reset/complete", json=told)


def valid(house: House, token: str) -> int:
    answer = house.client.get("/api/Password/reset/validate", params={"token": token})
    return int(answer.status_code)


def test_a_lost_password_is_set_anew_once(house: House) -> None:
    elsewhere = house.token("Cashier")
    token = mailed(house)
    assert letters(house)[0]["To"] == CASHIER
    assert valid(house, token) == 200
    assert complete(house, token, again="another").json()["code"] == "passwords_differ"
    assert complete(house, token, "Password1!").json()["code"] == "secret_too_weak"
    assert complete(house, token).status_code == 200
    assert me(house, elsewhere).status_code == 401
    new_window(house)
    assert login(house, password=NEW).status_code == 200
    assert valid(house, token) == 400
    assert complete(house, token, "An0ther!Secret").json()["code"] == "reset_token_invalid"
    assert "Your password was changed." in letters(house)[-1].get_content()


@pytest.mark.parametrize("email", ["nobody@example.com", "NOBODY@EXAMPLE.COM", "a@b"])
def test_asking_tells_nobody_who_exists(quick: House, email: str) -> None:
    """The same answer, and the same work: one row, which somebody else looks up later."""
    counted = []
    for asked in (CASHIER, email):
        told = ask(quick, asked)
        assert (told.status_code, told.json()) == (
            200,
            {"message": "If the address belongs to a user, a mail is on its way."},
        )
        with quick.shop.store.read() as connection:
            table = passwords.password_resets
            counted.append(len(connection.execute(select(table)).all()))
            assert connection.execute(select(spool.mails)).all() == []
    assert counted == [1, 2]
    password_reset.work(quick.shop, page=PAGE)
    assert [letter["To"] for letter in letters(quick)] == [CASHIER]


def test_a_token_lasts_a_day_and_the_newest_alone_counts(quick: House) -> None:
    first, newest = mailed(quick), mailed(quick)
    assert (valid(quick, first), valid(quick, newest)) == (400, 200)
    quick.clock.sleep(24 * 3600 - 1)
    assert valid(quick, newest) == 200
    quick.clock.sleep(1)
    assert (valid(quick, newest), complete(quick, newest).status_code) == (400, 400)


def test_an_address_asks_five_times_an_hour(house: House) -> None:
    for number in range(5):
        assert ask(house, f"somebody{number}@example.com").status_code == 200
        house.clock.sleep(60)
    told = ask(house)
    assert (told.status_code, told.json()["code"]) == (429, "reset_asked_too_often")
    assert told.headers["retry-after"] == str(55 * 60 + 1)
    house.clock.sleep(55 * 60 + 1)
    assert ask(house).status_code == 200


def test_nobody_is_flooded_with_mails(quick: House) -> None:
    for number in range(8):
        password_reset.ask(quick.shop, CASHIER, address=f"41.60.1.{number}")
    password_reset.work(quick.shop, page=PAGE)
    assert len(letters(quick)) == 5


def test_whoever_is_kept_out_gets_no_mail_and_no_way_in(quick: House) -> None:
    token = mailed(quick)
    admin = quick.as_role("Admin")
    admin.post(f"/api/User/{number_of(quick, 'Cashier')}/deactivate")
    assert complete(quick, token).json()["code"] == "reset_token_invalid"
    before = len(letters(quick))
    ask(quick)
    password_reset.work(quick.shop, page=PAGE)
    assert len(letters(quick)) == before


def test_a_second_factor_stays_in_force(quick: House) -> None:
    """ASVS 5.0 6.4.3: the mailbox alone lets nobody in."""
    switch_on(quick)
    assert complete(quick, mailed(quick)).status_code == 200
    assert login(quick, password=NEW).json()["requiresTwoFactor"] is True


def test_a_changed_address_voids_what_was_sent_to_the_old_one(quick: House) -> None:
    token = mailed(quick, page="")
    admin = quick.as_role("Admin")
    path = f"/api/User/{number_of(quick, 'Cashier')}"
    assert admin.put(path, {"email": "new@example.com"}).status_code == 200
    assert valid(quick, token) == 400
    assert letters(quick)[-1]["To"] == CASHIER, "the old mailbox is told"


def test_a_token_is_kept_by_its_hash_and_leaves_no_trace(quick: House) -> None:
    """ASVS 5.0 6.4.1, 11.4.1, 16.2.5: neither rows nor the audit hold it."""
    token = mailed(quick)
    with quick.shop.store.read() as connection:
        rows = connection.execute(select(passwords.password_resets)).mappings().all()
        told = str([dict(row) for row in (*rows, *audit.walk(connection))])
    assert token not in told
    assert rows[0]["hash"] == hashlib.sha256(token.encode()).hexdigest()
    assert len(token) >= 43, "256 bits"
    assert "password.ask_reset" in told


def test_a_request_of_long_ago_is_answered_by_nothing(quick: House) -> None:
    ask(quick)
    quick.clock.sleep(3600)
    password_reset.work(quick.shop, page=PAGE)
    assert letters(quick) == []
    quick.clock.sleep(timedelta(days=8).total_seconds())
    password_reset.tidy(quick.shop)
    with quick.shop.store.read() as connection:
        assert connection.execute(select(passwords.password_resets)).all() == []


@pytest.mark.parametrize("token", ["", "x", "\x00", "é" * 400, "a" * 501])
def test_odd_tokens_are_refused(quick: House, token: str) -> None:
    assert valid(quick, token) == 400
    assert complete(quick, token or " ").status_code == 400


@pytest.mark.parametrize(
    "email", ["", "nobody", "a@b c", "a@b\r\nBcc: x@y", 7, None, "a@" + "b" * 300]
)
def test_odd_addresses_are_refused(quick: House, email: Any) -> None:
    answer = quick.client.post("/api/Password/reset/request", json={"email": email})
    assert answer.status_code == 400
