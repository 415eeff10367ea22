"""pos user: people of a server, and keys that are shown once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pos_app.bootstrap import install
from pos_app.domain.permission import till_actor
from pos_app.domain.user import SignInRefused
from pos_app.services import api_key, intake, session
from pos_app.services.intake import TillFenced
from pos_app.store import audit
from pos_app.store.engine import open_store
from pos_app.store.session import api_keys
from sync.envelope import Parcel
from tests.cli.till import Till


@pytest.fixture
def server(bare_till: Till) -> Till:
    """A server without anything in its database."""
    bare_till.configure(role="server", code='"S01"')
    return bare_till


@pytest.fixture
def program(server: Till) -> Till:
    """A server with a user whom a program acts for."""
    ran = server.here("user", "add", "robot", "--role", "ApiUser", stdin="Correct-Horse-7\n")
    assert (ran.code, ran.out) == (0, "Added robot as ApiUser.\n")
    return server


def account(server: Till, key: str) -> api_key.Account:
    installation = install(server.config, role="server", clock=server.clock)
    try:
        return api_key.account_of(installation.shop, key)
    finally:
        installation.close()


def sign_on(server: Till, till: str, incarnation: str) -> None:
    """Synchronise a till that has nothing to tell."""
    parcel = Parcel(till=till, incarnation=incarnation, epoch="", envelopes=())
    installation = install(server.config, role="server", clock=server.clock)
    try:
        intake.accept(installation.shop, till_actor(till, "key"), parcel, principal=f"till:{till}")
    finally:
        installation.close()


def test_a_key_is_shown_once_and_alone(program: Till) -> None:
    ran = program.here("user", "key", "add", "webshop", "--user", "robot")
    assert ran.code == 0
    key = ran.out.removesuffix("\n")
    assert key.startswith("pos_")
    assert "\n" not in key
    assert ran.err == (
        "Key webshop of robot is good until 2027-01-31; it is shown now and never again:\n"
    )
    assert account(program, key).actor.username == "robot"
    listed = program.here("user", "key", "list")
    assert key not in listed.out
    with open_store(program.database) as store, store.read() as connection:
        stored = connection.execute(api_keys.select()).all()
    assert key not in repr(stored)


def test_a_key_of_a_till_is_for_that_till(server: Till) -> None:
    key = server.here("user", "key", "add", "till-t01", "--till", "T01").out.strip()
    actor = account(server, key).actor
    assert (actor.kind, actor.till, actor.role) == ("till", "T01", "Till")
    assert actor.permissions == {"sync.manage"}


def test_keys_are_listed_with_their_state(program: Till) -> None:
    program.here("user", "key", "add", "short", "--user", "robot", "--days", "1")
    program.here("user", "key", "add", "gone", "--user", "robot")
    program.here("user", "key", "add", "looks", "--user", "robot", "--read-only")
    program.here("user", "key", "add", "till-t01", "--till", "T01")
    assert program.here("user", "key", "revoke", "gone").out == "Revoked gone.\n"
    program.clock.sleep(timedelta(days=1).total_seconds())
    rows = program.here("user", "key", "list").out.splitlines()
    assert [row.split() for row in rows] == [
        ["gone", "robot", "ApiUser", "revoked", "until", "2027-01-31"],
        ["looks", "robot", "ApiUser", "active", "until", "2027-01-31", "reads", "only"],
        ["short", "robot", "ApiUser", "expired", "until", "2026-11-03"],
        ["till-t01", "till", "T01", "Till", "active", "until", "2027-11-02"],
    ]
    told = program.here("user", "key", "list", "--json").json["keys"]
    assert [(row["name"], row["state"]) for row in told] == [
        ("gone", "revoked"),
        ("looks", "active"),
        ("short", "expired"),
        ("till-t01", "active"),
    ]
    assert told[1]["scope"] == "read"
    assert told[3] == {
        "name": "till-t01",
        "user": None,
        "till": "T01",
        "role": "Till",
        "scope": "all",
        "state": "active",
        "created_at": "2026-11-02T06:00:00+00:00",
        "expires_at": "2027-11-02T06:00:00+00:00",
    }


def test_a_till_that_signed_on_is_released_and_the_audit_keeps_it(server: Till) -> None:
    unknown = server.here("user", "key", "release", "T07")
    assert (unknown.code, unknown.out) == (2, "")
    assert "There is no till T07" in unknown.err
    newer, older = "01900000-0000-7000-8000-00000000000b", "01900000-0000-7000-8000-00000000000a"
    sign_on(server, "T07", newer)
    with pytest.raises(TillFenced):
        sign_on(server, "T07", older)
    ran = server.here("user", "key", "release", "T07")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == "Released till T07: the next that comes with a key of it is the till.\n"
    sign_on(server, "T07", older)
    with open_store(server.database) as store, store.read() as connection:
        kept = [row for row in audit.walk(connection) if row["action"] == "till.release"]
    assert [(row["actor"], row["subject"]) for row in kept] == [("console", "T07")]


def test_sessions_are_listed_and_ended(program: Till) -> None:
    assert program.here("user", "session", "list", "robot").out == "robot is signed in nowhere.\n"
    installation = install(program.config, role="server", clock=program.clock)
    try:
        for device in ("Web shop/1", "Web shop/2"):
            session.sign_in(
                installation.shop, "robot", "Correct-Horse-7", address="10.0.0.9", device=device
            )
    finally:
        installation.close()
    told = program.here("user", "session", "list", "robot", "--json").json["sessions"]
    assert {row["device"] for row in told} == {"Web shop/1", "Web shop/2"}
    (first, second) = program.here("user", "session", "list", "robot").out.splitlines()
    assert "used 2026-11-02 06:00  ends 2026-12-03 02:00 UTC  10.0.0.9" in first
    chosen = second.split()[0]
    ended = program.here("user", "session", "end", "robot", chosen)
    assert (ended.code, ended.out) == (0, "Ended 1 session of robot.\n")
    assert program.here("user", "session", "end", "robot", chosen).code == 2
    assert program.here("user", "session", "end", "robot").out == "Ended 1 session of robot.\n"
    assert program.here("user", "session", "end", "nobody").code == 2


def test_a_revoked_key_opens_nothing(program: Till) -> None:
    key = program.here("user", "key", "add", "webshop", "--user", "robot").out.strip()
    program.here("user", "key", "revoke", "webshop")
    with pytest.raises(SignInRefused):
        account(program, key)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("add", "x"), 2, "either --user NAME or --till CODE"),
        (("add", "x", "--user", "robot", "--till", "T01"), 2, "either --user NAME or --till CODE"),
        (("add", "x", "--user", "nobody"), 2, "no user nobody"),
        (("add", "x", "--till", "T01", "--read-only"), 2, "for a user's"),
        (("add", "", "--user", "robot"), 2, "name of 1 to 50"),
        (("add", "x", "--till", "T" * 21), 2, "code of 1 to 20"),
        (("add", "x", "--user", "robot", "--days", "0"), 2, "--days"),
        (("add", "x", "--user", "robot", "--days", "91"), 2, "90 days at most"),
        (("add", "taken", "--user", "robot"), 3, "choose another name"),
        (("revoke", "nothing"), 2, "nothing"),
    ],
)
def test_wrong_use_is_one_sentence(
    program: Till, words: tuple[str, ...], code: int, said: str
) -> None:
    program.here("user", "key", "add", "taken", "--user", "robot")
    ran = program.here("user", "key", *words)
    assert (ran.code, ran.out) == (code, "")
    assert said in ran.err
    assert [row["name"] for row in program.here("user", "key", "list", "--json").json["keys"]] == [
        "taken"
    ]


def test_no_keys_say_how_to_make_one(server: Till) -> None:
    assert "pos user key add" in server.here("user", "key", "list").out


def test_whoever_lost_password_and_telephone_is_let_in_again(program: Till) -> None:
    ran = program.here("user", "password", "robot", stdin="N3w!Passw0rd\n")
    assert (ran.code, ran.out) == (0, "robot has a new password.\n")
    again = program.here("user", "password", "robot", stdin="N3w!Passw0rd\n")
    assert (again.code, "last 5 passwords" in again.err) == (2, True)
    ran = program.here("user", "reset-2fa", "robot")
    assert (ran.code, ran.out) == (0, "robot has no second factor.\n")
    assert program.here("user", "reset-2fa", "nobody").code == 2


def test_a_network_address_is_unlocked(program: Till) -> None:
    installation = install(program.config, role="server", clock=program.clock)
    try:
        with pytest.raises(SignInRefused):
            session.sign_in(installation.shop, "robot", "wrong", address="41.60.1.2")
    finally:
        installation.close()
    ran = program.here("user", "unlock", "--address", "41.60.1.2")
    assert (ran.code, ran.out) == (0, "Unlocked 41.60.1.2.\n")
    assert program.here("user", "unlock", "--address", "41.60.1.2").code == 2
    assert program.here("user", "unlock", "robot", "--address", "x").code == 2
