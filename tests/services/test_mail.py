"""The spool of mail: a letter leaves once, and what nobody knows is left to people."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from pos_app.config import load
from pos_app.domain.mail import Enclosure, Mail, MailMoved, MailOff, MailState
from pos_app.domain.permission import PermissionMissing
from pos_app.errors import ConfigInvalid, InvalidInput, RecordNotFound
from pos_app.mail_line import carrier_of
from pos_app.mail_rules import mail_rules
from pos_app.secret import Secrets
from pos_app.services.mail import queue, view, work
from pos_app.services.shop import Shop
from pos_app.services.status import status
from pos_app.services.worked import Worked
from pos_app.store import audit
from pos_app.store import mail as rows
from pos_app.store.engine import Store
from sync.mail.letter import Delivery, Fate, Letter, MayHand
from tests import shops

ANNA, BEN = "anna@example.com", "ben@example.com"
MAIL = Mail(to=(ANNA,), bcc=(BEN,), subject="Grüße", text="Dear Anna,\n.\nBye", html="<p>Bye</p>")
MANAGER = shops.actor("manager")


@dataclass
class Carrier:
    """Takes letters as it is told to."""

    delivery: Delivery = field(default_factory=lambda: Delivery(fate=Fate.SENT))
    got: list[Letter] = field(default_factory=list)
    before: Callable[[], None] = lambda: None

    def carry(self, letter: Letter, may_hand: MayHand) -> Delivery:
        self.before()
        if self.delivery.fate in {Fate.SENT, Fate.UNKNOWN}:
            if not may_hand():
                return Delivery(fate=Fate.LEFT)
            self.got.append(letter)
        return self.delivery


@pytest.fixture
def shop(store: Store) -> Shop:
    return shops.open_shop(store, role="server")


def put(shop: Shop, mail: Mail = MAIL, **facts: object) -> str:
    with shop.store.write() as connection:
        return queue.queue(shop, connection, mail, kind="test", by="rudo", **facts)  # type: ignore[arg-type]


def run(shop: Shop, carrier: Carrier, owner: str = "one") -> Worked:
    return work.work(shop, carrier, owner=owner, rng=random.Random(1))


def state(shop: Shop, mail_id: str) -> MailState:
    with shop.store.read() as connection:
        row = rows.by_id(connection, mail_id)
    assert row is not None
    return MailState(row["state"])


def test_a_letter_is_sent_once_and_then_forgotten(shop: Shop) -> None:
    pdf = Enclosure(name="Rechnung ä.pdf", mime="application/pdf", data=b"%PDF-1.7")
    mail_id, carrier = put(shop, replace(MAIL, enclosures=(pdf,))), Carrier()
    assert (run(shop, carrier).done, run(shop, carrier).done) == (1, 0)
    (letter,) = carrier.got
    said = message_from_bytes(letter.message, policy=policy.default)
    assert letter.recipients == (ANNA, BEN)
    assert (said["To"], said["Bcc"], said["Subject"]) == (ANNA, None, "Grüße")
    assert BEN.encode() not in letter.message
    assert said["From"] == "Sunrise Grocers <shop@example.com>"
    assert said["Message-ID"] == f"<{mail_id}@example.com>"
    (enclosed,) = said.iter_attachments()
    assert (enclosed.get_filename(), enclosed.get_content()) == ("Rechnung ä.pdf", b"%PDF-1.7")
    with shop.store.read() as connection:
        row = connection.execute(rows.mails.select()).mappings().one()
    assert (row["state"], row["message"], row["left_over"]) == ("Sent", b"", [])
    assert view.page(shop, MANAGER) == []


def test_a_letter_is_not_there_when_its_cause_is_not(shop: Shop) -> None:
    with suppress(ZeroDivisionError), shop.store.write() as connection:
        queue.queue(shop, connection, MAIL, kind="test", by="rudo")
        raise ZeroDivisionError
    carrier = Carrier()
    assert run(shop, carrier).done == 0
    assert carrier.got == []


def test_the_same_letter_is_the_same_bytes(shop: Shop) -> None:
    rules = shop.rules.mail
    assert rules is not None
    made = [queue.message_of(rules, MAIL, mail_id="m1", at=shop.clock.now()) for _ in range(2)]
    assert made[0] == made[1]


def test_l84_a_server_that_is_away_is_asked_ever_later_and_then_a_person(shop: Shop) -> None:
    away = Delivery(fate=Fate.LATER, reason="The mail server is away.", is_server_away=True)
    mail_id, other, carrier = put(shop), put(shop), Carrier(away)
    worked = run(shop, carrier)
    assert (worked.done, worked.waiting, worked.problem) == (1, 2, away.reason)
    assert state(shop, other) is MailState.PENDING
    tries = 0
    while state(shop, mail_id) is MailState.PENDING:
        shop.clock.sleep(7200)  # type: ignore[attr-defined]
        run(shop, carrier)
        tries += 1
        assert tries < 60
    assert state(shop, mail_id) is MailState.FAILED
    view.retry(shop, MANAGER, mail_id)
    carrier.delivery = Delivery(fate=Fate.SENT)
    run(shop, carrier)
    assert state(shop, mail_id) is MailState.SENT


def test_a_lost_answer_is_unknown_until_a_person_sends_the_same_letter_again(shop: Shop) -> None:
    carrier = Carrier(Delivery(fate=Fate.UNKNOWN, reason="The answer is lost."))
    mail_id = put(shop)
    run(shop, carrier)
    shop.clock.sleep(10 * 86400)  # type: ignore[attr-defined]
    run(shop, carrier)
    (row,) = view.page(shop, MANAGER)
    assert (row.state, row.reason) == (MailState.UNKNOWN, "The answer is lost.")
    assert status(shop).queues["mail"].problem == "The answer is lost."
    view.retry(shop, MANAGER, mail_id)
    carrier.delivery = Delivery(fate=Fate.SENT)
    run(shop, carrier)
    first, second = carrier.got
    assert first == second
    with shop.store.read() as connection:
        (deed,) = audit.about(connection, mail_id)
    assert (deed["action"], deed["details"]["was"]) == ("mail.pending", "Unknown")


def test_whoever_dies_before_handing_over_leaves_a_letter_for_the_next(shop: Shop) -> None:
    mail_id = put(shop)
    carrier = Carrier(before=lambda: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        run(shop, carrier)
    assert run(shop, Carrier(), "two").done == 0
    shop.clock.sleep(work.LEASE.total_seconds() + 1)  # type: ignore[attr-defined]
    assert run(shop, Carrier(), "two").done == 1
    assert state(shop, mail_id) is MailState.SENT


def test_whoever_dies_while_handing_over_leaves_a_doubt(shop: Shop) -> None:
    class Dying(Carrier):
        def carry(self, letter: Letter, may_hand: MayHand) -> Delivery:
            assert may_hand()
            raise KeyboardInterrupt

    mail_id = put(shop)
    with pytest.raises(KeyboardInterrupt):
        run(shop, Dying())
    assert state(shop, mail_id) is MailState.HANDED
    shop.clock.sleep(work.LEASE.total_seconds() + 1)  # type: ignore[attr-defined]
    carrier = Carrier()
    run(shop, carrier, "two")
    assert (state(shop, mail_id), carrier.got) == (MailState.UNKNOWN, [])


def test_whoever_was_too_slow_does_not_hand_over(shop: Shop) -> None:
    quick = Carrier()

    def overtaken() -> None:
        shop.clock.sleep(work.LEASE.total_seconds() + 1)  # type: ignore[attr-defined]
        run(shop, quick, "two")

    slow, mail_id = Carrier(before=overtaken), put(shop)
    assert run(shop, slow).done == 0
    assert (len(quick.got), slow.got, state(shop, mail_id)) == (1, [], MailState.SENT)


def test_some_have_it_and_some_do_not(shop: Shop) -> None:
    carrier, mail_id = (
        Carrier(Delivery(fate=Fate.SENT, later=(BEN,), reason="Ben later.")),
        put(shop),
    )
    run(shop, carrier)
    carrier.delivery = Delivery(fate=Fate.SENT)
    shop.clock.sleep(3600)  # type: ignore[attr-defined]
    run(shop, carrier)
    assert [letter.recipients for letter in carrier.got] == [(ANNA, BEN), (BEN,)]
    assert state(shop, mail_id) is MailState.SENT
    carrier.delivery = Delivery(fate=Fate.SENT, refused={BEN: "none"}, reason="Ben is refused.")
    other = put(shop)
    run(shop, carrier)
    (row,) = view.page(shop, MANAGER)
    assert (row.id, row.state, row.left) == (other, MailState.FAILED, (BEN,))


def test_nobody_wants_it_any_more(shop: Shop) -> None:
    mail_id = put(shop, good_until=shop.clock.now() + timedelta(hours=1))
    shop.clock.sleep(3601)  # type: ignore[attr-defined]
    carrier = Carrier()
    run(shop, carrier)
    assert (state(shop, mail_id), carrier.got) == (MailState.EXPIRED, [])


def test_giving_up_needs_a_reason_and_a_letter_that_is_not_gone(shop: Shop) -> None:
    mail_id = put(shop)
    with pytest.raises(InvalidInput):
        view.cancel(shop, MANAGER, mail_id, reason=" ")
    with pytest.raises(PermissionMissing):
        view.cancel(shop, shops.actor("cashier"), mail_id, reason="wrong")
    view.cancel(shop, MANAGER, mail_id, reason="wrong customer")
    carrier = Carrier()
    run(shop, carrier)
    assert (state(shop, mail_id), carrier.got) == (MailState.CANCELLED, [])
    with pytest.raises(MailMoved):
        view.retry(shop, MANAGER, mail_id)
    with pytest.raises(RecordNotFound):
        view.retry(shop, MANAGER, "nothing")


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"sender": "Shop <shop@example.com>"}, "mail.sender"),
        ({"host": ""}, "mail.host"),
        ({"security": "none"}, "mail.security"),
        ({"password": ""}, "mail.password"),
    ],
)
def test_settings_that_send_nothing_safely_are_refused(
    changes: dict[str, object], key: str
) -> None:
    settings = load(shops.EXAMPLE)
    wrong = settings.model_copy(update={"mail": settings.mail.model_copy(update=changes)})
    with pytest.raises(ConfigInvalid, match=key):
        mail_rules(wrong)


def test_a_folder_takes_what_the_settings_say(shop: Shop, tmp_path: Path) -> None:
    settings = load(shops.EXAMPLE)
    wanted = settings.mail.model_copy(update={"transport": "file"})
    folder = settings.model_copy(update={"mail": wanted})
    carrier = carrier_of(folder, tmp_path, Secrets(tmp_path / "secrets"))
    assert carrier is not None
    mail_id = put(shop)
    work.work(shop, carrier, owner="one")
    assert [path.name for path in (tmp_path / "mail").iterdir()] == [f"{mail_id}.eml"]
    with pytest.raises(ConfigInvalid, match="mail"):
        carrier_of(settings, tmp_path, Secrets(tmp_path / "secrets"))


def test_without_a_way_to_send_nothing_is_queued(store: Store) -> None:
    shop = shops.open_shop(store, role="server", mail=None)
    assert not queue.is_on(shop)
    with pytest.raises(MailOff):
        put(shop)
