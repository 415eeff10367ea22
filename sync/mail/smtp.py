"""Letters over SMTP (RFC 5321), step by step, so that it is known how far each of them came."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum

from sync.mail.letter import Delivery, Fate, Letter, MayHand

END_OF_DATA = b".\r\n"
LAST_ANSWER_SECONDS = 600.0
"""How long the answer to a whole message is waited for (RFC 5321 §4.5.3.2.6)."""

LONGEST_WORDS = 200

_TROUBLE = (smtplib.SMTPException, OSError)


class Security(StrEnum):
    """How a connection is kept private."""

    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpSettings:
    """Where the mail server is.

    Attributes:
        trust: checks its certificate and its name.
        seconds: how long each step may take.
        last_seconds: how long the answer to a whole message may take.
    """

    host: str
    port: int
    security: Security
    trust: ssl.SSLContext
    user: str = ""
    password: str = field(default="", repr=False)
    seconds: float = 60
    last_seconds: float = LAST_ANSWER_SECONDS


class _Refused(Exception):
    """The dialogue ended before anything was handed over."""

    def __init__(self, delivery: Delivery) -> None:
        super().__init__(delivery.reason)
        self.delivery = delivery


class SmtpCarrier:
    """Speaks to one mail server, a connection for each letter."""

    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings

    def carry(self, letter: Letter, may_hand: MayHand) -> Delivery:
        """Try once; a lost answer after the end of the message is UNKNOWN, before it LATER."""
        try:
            with self._connected() as server:
                return self._deliver(server, letter, may_hand)
        except _Refused as ended:
            return ended.delivery
        except _TROUBLE as error:
            return Delivery(fate=Fate.LATER, reason=self._sentence(error), is_server_away=True)

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        wanted = self._settings
        server = self._opened()
        try:
            server.ehlo_or_helo_if_needed()
            if wanted.security is Security.STARTTLS:
                server.starttls(context=wanted.trust)
                server.ehlo_or_helo_if_needed()
            if wanted.user:
                server.login(wanted.user, wanted.password)
            yield server
            with suppress(*_TROUBLE):
                server.quit()
        finally:
            server.close()

    def _opened(self) -> smtplib.SMTP:
        wanted, name = self._settings, socket.gethostname()
        if wanted.security is Security.TLS:
            return smtplib.SMTP_SSL(
                wanted.host,
                wanted.port,
                local_hostname=name,
                timeout=wanted.seconds,
                context=wanted.trust,
            )
        return smtplib.SMTP(wanted.host, wanted.port, local_hostname=name, timeout=wanted.seconds)

    def _deliver(self, server: smtplib.SMTP, letter: Letter, may_hand: MayHand) -> Delivery:
        code, words = server.mail(letter.sender)
        if code != 250:
            reason = f"The mail server does not take mail from {letter.sender}: {_said(words)}."
            return Delivery(fate=Fate.LATER, reason=reason, is_server_away=True)
        refused, later = _recipients(server, letter)
        if len(refused) + len(later) == len(letter.recipients):
            fate = Fate.LATER if later else Fate.REFUSED
            return Delivery(fate=fate, reason=_reason(refused, later), refused=refused)
        code, words = server.docmd("DATA")
        if code != 354:
            return _answered(code, words)
        server.send(_stuffed(letter.message))
        if not may_hand():
            # Hung up without its end, the message does not exist for the server.
            raise _Refused(Delivery(fate=Fate.LEFT))
        return self._handed(server, refused, later)

    def _handed(
        self, server: smtplib.SMTP, refused: dict[str, str], later: dict[str, str]
    ) -> Delivery:
        """The end of the message: from here on only an answer tells what happened."""
        try:
            if server.sock is not None:
                server.sock.settimeout(self._settings.last_seconds)
            server.send(END_OF_DATA)
            code, words = server.getreply()
        except _TROUBLE as error:
            return _lost(self._sentence(error), refused)
        if 400 <= code < 600:
            return _answered(code, words)
        if code != 250:
            return _lost(f"The mail server answers {code} {_said(words)}.", refused)
        return Delivery(
            fate=Fate.SENT, reason=_reason(refused, later), refused=refused, later=tuple(later)
        )

    def _sentence(self, error: Exception) -> str:
        place = f"{self._settings.host}:{self._settings.port}"
        match error:
            case ssl.SSLCertVerificationError():
                why = f"its certificate is not trusted ({error.verify_message})"
            case smtplib.SMTPAuthenticationError():
                why = f"it does not accept user and password ({_said(error.smtp_error)})"
            case smtplib.SMTPNotSupportedError():
                why = f"it lacks what the settings ask for ({error})"
            case smtplib.SMTPResponseException():
                why = f"it answers {error.smtp_code} {_said(error.smtp_error)}"
            case TimeoutError():
                why = "it does not answer in time"
            case smtplib.SMTPServerDisconnected():
                why = "it hung up"
            case _:
                why = str(getattr(error, "strerror", None) or error)
        return f"The mail server {place} cannot be used, {why}."


def _recipients(server: smtplib.SMTP, letter: Letter) -> tuple[dict[str, str], dict[str, str]]:
    """Name each recipient; returns those who are refused, and those to be tried again."""
    refused: dict[str, str] = {}
    later: dict[str, str] = {}
    for recipient in letter.recipients:
        code, words = server.rcpt(recipient)
        if code not in {250, 251}:
            (later if 400 <= code < 500 else refused)[recipient] = _said(words)
    return refused, later


def _lost(why: str, refused: dict[str, str]) -> Delivery:
    reason = f"The mail was handed over, and the answer is lost: {why}"
    return Delivery(fate=Fate.UNKNOWN, reason=reason, refused=refused)


def _answered(code: int, words: bytes) -> Delivery:
    """A refusal of the whole message, for now (4xx) or for good (5xx)."""
    fate = Fate.REFUSED if 500 <= code < 600 else Fate.LATER
    return Delivery(fate=fate, reason=f"The mail server answers {code} {_said(words)}.")


def _reason(refused: dict[str, str], later: dict[str, str]) -> str:
    told = [f"{name} is refused: {words}" for name, words in refused.items()]
    told += [f"{name} is to be tried later: {words}" for name, words in later.items()]
    return f"{'; '.join(told)}." if told else ""


def _said(words: bytes | str) -> str:
    """The server's words on one line of plain characters."""
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    plain = "".join(mark if mark.isprintable() else " " for mark in text)
    return " ".join(plain.split())[:LONGEST_WORDS].rstrip(".")


def _stuffed(message: bytes) -> bytes:
    """The message with a dot doubled at the start of a line (RFC 5321 §4.5.2), ending a line."""
    whole = message if message.endswith(b"\r\n") else message + b"\r\n"
    doubled = whole.replace(b"\r\n.", b"\r\n..")
    return b"." + doubled if doubled.startswith(b".") else doubled
