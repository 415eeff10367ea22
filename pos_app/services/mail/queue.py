"""Put a letter into the spool, in the transaction of what causes it."""

from __future__ import annotations

from datetime import datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage

from sqlalchemy import Connection

from pos_app.domain.mail import LONGEST_NAME, Mail, MailOff, MailState, check, check_header
from pos_app.services.shop import MailRules, Shop
from pos_app.store import mail as spool


def is_on(shop: Shop) -> bool:
    """Whether mail can be sent from here."""
    return shop.rules.mail is not None


def queue(
    shop: Shop,
    connection: Connection,
    mail: Mail,
    *,
    kind: str,
    by: str,
    document_id: str = "",
    good_until: datetime | None = None,
) -> str:
    """Queue a letter; it leaves once the transaction has committed, or never.

    The message is made here and kept as it is, so that a second try is the same letter to whoever
    compares their Message-ID. What it says is dropped from the spool once it is sent.

    Args:
        shop: the server.
        connection: the writing transaction of the cause.
        mail: the letter.
        kind: what sort of letter, in one word, such as ``password-reset``.
        by: the user name of who caused it, empty for the server itself.
        document_id: what it is about.
        good_until: when nobody wants it any more; it is not sent afterwards.

    Returns:
        The letter's id, by which `view` tells what became of it.

    Raises:
        MailOff: no way to send mail is set up.
        MailInvalid: it cannot be sent as it is.
    """
    rules = shop.rules.mail
    if rules is None:
        raise MailOff
    checked, mail_id, now = check(mail), shop.ids.new(), shop.clock.now()
    spool.add(
        connection,
        {
            "id": mail_id,
            "kind": kind,
            "document_id": document_id,
            "sender": rules.sender,
            "recipients": list(checked.recipients),
            "left_over": list(checked.recipients),
            "subject": checked.subject,
            "message": message_of(rules, checked, mail_id=mail_id, at=now),
            "state": MailState.PENDING.value,
            "username": by,
            "queued_at": now,
            "good_until": good_until,
        },
    )
    return mail_id


def message_of(rules: MailRules, mail: Mail, *, mail_id: str, at: datetime) -> bytes:
    """The letter as RFC 5322, the same bytes for the same letter; blind copies stand nowhere."""
    name, _, domain = rules.sender.partition("@")
    shown = check_header(rules.sender_name, "sender's name", LONGEST_NAME)
    message = EmailMessage(policy=policy.SMTP)
    message["From"] = Address(shown, name, domain)
    message["To"] = ", ".join(mail.to)
    if mail.cc:
        message["Cc"] = ", ".join(mail.cc)
    message["Subject"] = mail.subject
    message["Date"] = at
    message["Message-ID"] = f"<{mail_id}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    if mail.html:
        message.add_alternative(mail.html, subtype="html")
    for enclosure in mail.enclosures:
        main, _, sub = enclosure.mime.partition("/")
        message.add_attachment(enclosure.data, maintype=main, subtype=sub, filename=enclosure.name)
    for place, part in enumerate(message.walk()):
        if part.is_multipart():
            part.set_boundary(f"=_{mail_id}_{place}")
    return message.as_bytes()
