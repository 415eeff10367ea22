"""Mail: what a letter may say, whom it may go to, and how it gets on."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from pos_app.errors import Conflict, InvalidInput, Unavailable

MOST_RECIPIENTS = 50
LONGEST_SUBJECT = 250
LONGEST_NAME = 100
LONGEST_TEXT = 200_000
MOST_BYTES = 20 * 1024 * 1024
"""Of all attachments together; mail servers take little more."""

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_ADDRESS = re.compile(rf"(?=.{{1,64}}@){_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*")
_LONGEST_ADDRESS = 254


class MailInvalid(InvalidInput):
    """A letter that cannot be sent as it is."""

    code = "mail_invalid"

    def __init__(self, what: str, problem: str) -> None:
        super().__init__(
            f"The {what} of the mail {problem}: correct it.", field=what, problem=problem
        )


class MailOff(Unavailable):
    """No way to send mail is set up."""

    code = "mail_off"

    def __init__(self) -> None:
        super().__init__("No mail can be sent from here: set up [mail] in the server's settings.")


class MailMoved(Conflict):
    """A letter is not in a state any more in which this can be done."""

    code = "mail_moved"

    def __init__(self, mail_id: str, state: str, wanted: str) -> None:
        super().__init__(
            f"Mail {mail_id} is {state} and cannot be {wanted}: look at it again.",
            mail=mail_id,
            state=state,
        )


class MailState(StrEnum):
    """How far a letter is.

    ``Handed`` is written before its last byte leaves: whoever dies then leaves a letter of which
    nobody knows, and never one that is sent twice by itself.
    """

    PENDING = "Pending"
    SENDING = "Sending"
    HANDED = "Handed"
    SENT = "Sent"
    UNKNOWN = "Unknown"
    FAILED = "Failed"
    CANCELLED = "Cancelled"
    EXPIRED = "Expired"


OPEN = frozenset(
    {MailState.PENDING, MailState.SENDING, MailState.HANDED, MailState.UNKNOWN, MailState.FAILED}
)
"""States that ask for somebody or something; the others are the end."""

MAY_BE_SENT_AGAIN = frozenset({MailState.PENDING, MailState.UNKNOWN, MailState.FAILED})
MAY_BE_CANCELLED = MAY_BE_SENT_AGAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """A file that goes with a letter."""

    name: str
    mime: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A letter to be sent.

    Attributes:
        to, cc, bcc: addresses; the last are named in no header.
        text: what it says in plain text.
        html: the same for programs that show HTML; empty for none.
    """

    to: tuple[str, ...]
    subject: str
    text: str
    html: str = ""
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()

    @property
    def recipients(self) -> tuple[str, ...]:
        """Everybody who gets it, once."""
        return tuple(dict.fromkeys((*self.to, *self.cc, *self.bcc)))


def check_address(address: str, what: str = "recipient") -> str:
    """Return a plain address without the spaces around it.

    Raises:
        MailInvalid: it is none; a name before it, several in one or a line break never pass.
    """
    text = address.strip(" ")
    if len(text) > _LONGEST_ADDRESS or not _ADDRESS.fullmatch(text):
        raise MailInvalid(what, f"{_shown(address)} is no e-mail address")
    return text


def check_header(text: str, what: str, longest: int) -> str:
    """Return a text that fits in one line of a header.

    Raises:
        MailInvalid: it holds a line break or another control character, or is too long.
    """
    if not all(mark.isprintable() for mark in text):
        raise MailInvalid(what, "holds a line break or a control character")
    if len(text) > longest:
        raise MailInvalid(what, f"is longer than {longest} characters")
    return text.strip()


def check(mail: Mail) -> Mail:
    """Return the letter if it can be sent (header injection: OWASP ASVS 5.0 1.3).

    Raises:
        MailInvalid: it has no recipient or too many, an address is none, a header would break, or
            it is too large.
    """
    to, cc, bcc = (_addresses(group) for group in (mail.to, mail.cc, mail.bcc))
    if not to:
        raise MailInvalid("recipient", "is missing")
    made = Mail(
        to=to,
        cc=cc,
        bcc=bcc,
        subject=check_header(mail.subject, "subject", LONGEST_SUBJECT),
        text=mail.text,
        html=mail.html,
        enclosures=mail.enclosures,
    )
    if len(made.recipients) > MOST_RECIPIENTS:
        raise MailInvalid("list of recipients", f"has more than {MOST_RECIPIENTS}")
    if not made.subject:
        raise MailInvalid("subject", "is missing")
    for text in (mail.text, mail.html):
        _check_text(text)
    for enclosure in mail.enclosures:
        check_header(enclosure.name, "name of an attachment", LONGEST_SUBJECT)
    if sum(len(enclosure.data) for enclosure in mail.enclosures) > MOST_BYTES:
        raise MailInvalid("list of attachments", f"is larger than {MOST_BYTES // 2**20} MB")
    return made


def _addresses(group: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(check_address(address) for address in group))


def _check_text(text: str) -> None:
    if len(text) > LONGEST_TEXT:
        raise MailInvalid("text", f"is longer than {LONGEST_TEXT} characters")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise MailInvalid("text", "holds half a character (a lone surrogate)") from error


def _shown(text: str) -> str:
    plain = "".join(mark if mark.isprintable() else "?" for mark in text)
    return repr(plain[:60])
