"""What may stand in a letter: no line break reaches a header, no second recipient an address."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pos_app.domain.mail import MOST_BYTES, Enclosure, Mail, MailInvalid, check, check_address

GOOD = Mail(to=("anna@example.com",), subject="Hello", text="Good morning.")


@pytest.mark.parametrize(
    "address",
    ["anna@example.com", "a.b+c@sub.example.co.zw", "o'neil@localhost", " anna@example.com "],
)
def test_plain_addresses_pass(address: str) -> None:
    assert check_address(address) == address.strip()


@pytest.mark.parametrize(
    "address",
    [
        "", "anna", "@example.com", "anna@", "a b@example.com", "anna@example.com, ben@example.com",
        "Anna <anna@example.com>", "anna@example.com\nBcc: ben@example.com", "anna@example.com\r",
        "<anna@example.com>", '"a b"@example.com', "anna@-example.com", "anna@exam_ple.com",
        "anna@example..com", ".anna@example.com", "ännä@example.com", "anna@example.com\x00",
        f"{'a' * 65}@example.com", f"a@{'b' * 64}.com", "anna@[127.0.0.1]", "anna@example.com;x",
        "a@b@example.com", "\ud800@example.com",
    ],
)  # fmt: skip
def test_whatever_else_is_refused(address: str) -> None:
    with pytest.raises(MailInvalid):
        check_address(address)


@pytest.mark.parametrize(
    "changes",
    [
        {"to": ()},
        {"cc": ("nobody",)},
        {"bcc": ("nobody\r\n",)},
        {"to": tuple(f"a{number}@example.com" for number in range(51))},
        {"subject": ""},
        {"subject": "Hello\r\nBcc: ben@example.com"},
        {"subject": "Hello\x0bthere"},
        {"subject": "Hello\u2028there"},
        {"subject": "x" * 251},
        {"subject": "\ud800"},
        {"text": "\udfff"},
        {"html": "x" * 200_001},
        {"enclosures": (Enclosure(name="a\nb.pdf", mime="application/pdf", data=b""),)},
        {"enclosures": (Enclosure(name="a", mime="a/b", data=bytes(MOST_BYTES + 1)),)},
    ],
    ids=lambda changes: str(changes)[:40],
)
def test_what_cannot_be_sent_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(MailInvalid) as refused:
        check(replace(GOOD, **changes))  # type: ignore[arg-type]
    assert "\n" not in refused.value.sentence


def test_everybody_gets_a_letter_once() -> None:
    made = check(replace(GOOD, cc=("ben@example.com", "anna@example.com"), subject=" Hi "))
    assert made.recipients == ("anna@example.com", "ben@example.com")
    assert made.subject == "Hi"
