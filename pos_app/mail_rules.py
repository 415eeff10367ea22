"""In whose name mail is sent, by the settings alone."""

from __future__ import annotations

from ipaddress import ip_address

from pos_app.config import Settings
from pos_app.domain.mail import MailInvalid, check_address
from pos_app.errors import ConfigInvalid
from pos_app.services.shop import MailRules


def mail_rules(settings: Settings) -> MailRules | None:
    """In whose name mail is sent; None where no transport is set.

    Raises:
        ConfigInvalid: the sender is no address, SMTP has no host, or would go over a network unread
            by nobody.
    """
    wanted = settings.mail
    if not wanted.transport:
        return None
    try:
        sender = check_address(wanted.sender)
    except MailInvalid as error:
        raise ConfigInvalid("the config", "mail.sender", "is no e-mail address") from error
    if wanted.transport == "smtp":
        _check_way(settings)
    return MailRules(sender=sender, sender_name=wanted.sender_name or settings.shop.name)


def _check_way(settings: Settings) -> None:
    wanted = settings.mail
    if not wanted.host:
        raise ConfigInvalid("the config", "mail.host", "is missing")
    if wanted.security == "none" and not _is_here(wanted.host):
        problem = 'may be "none" only for a mail server on this machine'
        raise ConfigInvalid("the config", "mail.security", problem)
    if wanted.user and not wanted.password:
        raise ConfigInvalid("the config", "mail.password", "is missing")


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
