"""How far a letter came decides what may happen to it; a lost last answer is unknown."""

from __future__ import annotations

import shutil
import ssl
from pathlib import Path

import pytest

from sync.mail.folder import FolderCarrier
from sync.mail.letter import Fate, Letter
from sync.mail.smtp import Security, SmtpCarrier, SmtpSettings
from tests.smtp import MailServer, serving
from tests.sync.sap.test_tls import certificate

ANNA, BEN = "anna@example.com", "ben@example.com"
BODY = b"Subject: Hello\r\n\r\nLine\r\n.\r\n..two\r\n"
LETTER = Letter(id="L1", sender="shop@example.com", recipients=(ANNA, BEN), message=BODY)


def settings(server: MailServer | int, **changes: object) -> SmtpSettings:
    port = server if isinstance(server, int) else server.port
    facts = {"host": "127.0.0.1", "port": port, "security": Security.NONE, "seconds": 5,
             "last_seconds": 5, "trust": ssl.create_default_context()} | changes  # fmt: skip
    return SmtpSettings(**facts)  # type: ignore[arg-type]


def yes() -> bool:
    return True


def test_a_letter_arrives_as_it_is_with_its_lines_of_dots() -> None:
    with serving() as server:
        delivery = SmtpCarrier(settings(server)).carry(LETTER, yes)
    assert (delivery.fate, delivery.reason) == (Fate.SENT, "")
    assert server.got == [((ANNA, BEN), BODY)]


@pytest.mark.parametrize(
    ("answers", "fate", "words"),
    [
        ({"HELLO": ""}, Fate.LATER, "hung up"),
        ({"HELLO": "554 go away"}, Fate.LATER, "554 go away"),
        ({"MAIL": "550 who are you"}, Fate.LATER, "does not take mail from shop@example.com"),
        ({ANNA: "550 none", BEN: "550 none"}, Fate.REFUSED, f"{ANNA} is refused: none"),
        ({ANNA: "550 none", BEN: "451 busy"}, Fate.LATER, f"{BEN} is to be tried later: busy"),
        ({"DATA": "451 full"}, Fate.LATER, "451 full"),
        ({"DATA": "554 spam"}, Fate.REFUSED, "554 spam"),
        ({"DATA": ""}, Fate.LATER, "hung up"),
        ({"END": "452 disk full"}, Fate.LATER, "452 disk full"),
        ({"END": "554 virus"}, Fate.REFUSED, "554 virus"),
        ({"END": ""}, Fate.UNKNOWN, "the answer is lost"),
        ({"END": "what?"}, Fate.UNKNOWN, "the answer is lost"),
        ({"QUIT": ""}, Fate.SENT, ""),
        ({ANNA: "550 none"}, Fate.SENT, f"{ANNA} is refused: none"),
        ({ANNA: "451 busy"}, Fate.SENT, f"{ANNA} is to be tried later: busy"),
    ],
)
def test_every_answer_has_its_meaning(answers: dict[str, str], fate: Fate, words: str) -> None:
    with serving(answers) as server:
        delivery = SmtpCarrier(settings(server)).carry(LETTER, yes)
    assert delivery.fate is fate, delivery
    assert words in delivery.reason
    assert bool(server.got) is (fate is Fate.SENT)


def test_a_letter_that_went_to_somebody_else_is_not_handed_over() -> None:
    with serving() as server:
        delivery = SmtpCarrier(settings(server)).carry(LETTER, lambda: False)
    assert delivery.fate is Fate.LEFT
    assert server.got == []


def test_nobody_there_is_later() -> None:
    with serving() as server:
        port = server.port
    delivery = SmtpCarrier(settings(port)).carry(LETTER, yes)
    assert (delivery.fate, delivery.is_server_away) == (Fate.LATER, True)


def test_the_certificate_is_checked_before_a_password_leaves(tmp_path: Path) -> None:
    shown, secret = certificate(tmp_path, "127.0.0.1")
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain(shown, secret)
    trusting = ssl.create_default_context(cafile=str(shown))
    for trust, fate in ((ssl.create_default_context(), Fate.LATER), (trusting, Fate.SENT)):
        with serving({"AUTH": "235 in"}, tls=own, starts_tls=True) as server:
            wanted = settings(server, security=Security.STARTTLS, trust=trust)
            delivery = SmtpCarrier(wanted).carry(LETTER, yes)
        assert delivery.fate is fate, delivery
        assert ("not trusted" in delivery.reason) is (fate is Fate.LATER)


def test_a_server_without_tls_gets_nothing() -> None:
    with serving() as server:
        delivery = SmtpCarrier(settings(server, security=Security.STARTTLS)).carry(LETTER, yes)
    assert (delivery.fate, server.got) == (Fate.LATER, [])
    assert "lacks what the settings ask for" in delivery.reason


def test_settings_never_show_the_password() -> None:
    assert "hidden" not in repr(settings(1, password="hidden"))


def test_the_folder_gets_one_whole_file_for_each_letter(tmp_path: Path) -> None:
    folder = tmp_path / "mail"
    carrier = FolderCarrier(folder)
    assert [carrier.carry(LETTER, yes).fate for _ in range(2)] == [Fate.SENT, Fate.SENT]
    assert [path.name for path in folder.iterdir()] == ["L1.eml"]
    said = (folder / "L1.eml").read_bytes()
    assert said.endswith(BODY)
    assert f"X-Envelope-To: {BEN}\r\n".encode() in said
    assert carrier.carry(LETTER, lambda: False).fate is Fate.LEFT
    shutil.rmtree(folder)
    folder.write_text("in the way")
    delivery = carrier.carry(LETTER, yes)
    assert (delivery.fate, delivery.is_server_away) == (Fate.LATER, True)
