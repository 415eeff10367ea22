"""Mails that tell somebody what was changed about the own sign-in (ASVS 5.0 6.3.7)."""

from __future__ import annotations

import structlog
from sqlalchemy import Connection

from pos_app.domain.mail import Mail, MailInvalid
from pos_app.services.mail import queue
from pos_app.services.shop import Shop

log = structlog.get_logger(__name__)
KIND = "sign-in-changed"


def tell(shop: Shop, connection: Connection, username: str, email: str, *, what: str) -> None:
    """Queue a mail to the address somebody had so far; without mail or an address nothing happens.

    Args:
        shop: the server.
        connection: the transaction of the change: the mail leaves with it, or never.
        username: whose sign-in it is.
        email: where to.
        what: one sentence, such as ``Your password was changed.``
    """
    if not (email and queue.is_on(shop)):
        return
    name = shop.rules.seller.name
    text = (
        f"{what}\n\nUser: {username}\nShop: {name}\n\n"
        "If that was not you, tell an administrator of the shop now.\n"
    )
    letter = Mail(to=(email,), subject=f"{name}: your sign-in was changed", text=text)
    try:
        queue.queue(shop, connection, letter, kind=KIND, by="")
    except MailInvalid as error:
        log.warning("notice_not_sent", username=username, why=error.sentence)
