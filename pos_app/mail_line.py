"""The way mail leaves the house: these settings in the shop's own words, and whoever carries it."""

from __future__ import annotations

import ssl
from ipaddress import ip_address
from pathlib import Path

from pos_app.config import Settings
from pos_app.domain.mail import MailInvalid, check_address
from pos_app.errors import ConfigInvalid
from pos_app.secret import Secrets
from pos_app.services.shop import MailRules
from sync.mail.folder import FolderCarrier
from sync.mail.letter import Carrier
from sync.mail.smtp import Security, SmtpCarrier, SmtpSettings
from sync.sap.tls import context_for

SYSTEM = "system"


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
    if wanted.security == Security.NONE.value and not _is_here(wanted.host):
        problem = 'may be "none" only for a mail server on this machine'
        raise ConfigInvalid("the config", "mail.security", problem)
    if wanted.user and not wanted.password:
        raise ConfigInvalid("the config", "mail.password", "is missing")


def carrier_of(settings: Settings, folder: Path, secrets: Secrets) -> Carrier | None:
    """Whoever carries mail, None where nobody does.

    Args:
        settings: checked.
        folder: where the config file lies.
        secrets: knows the password.

    Raises:
        ConfigInvalid: the password is not stored, or the certificates cannot be read.
    """
    wanted = settings.mail
    if not wanted.transport:
        return None
    if wanted.transport == "file":
        return FolderCarrier(folder / wanted.folder)
    return SmtpCarrier(
        SmtpSettings(
            host=wanted.host,
            port=wanted.port,
            security=Security(wanted.security),
            trust=_trust(wanted.verify, folder),
            user=wanted.user,
            password=secrets.resolve(wanted.password) if wanted.user else "",
            seconds=wanted.seconds,
        )
    )


def _trust(verify: str, folder: Path) -> ssl.SSLContext:
    is_file = verify != SYSTEM and not verify.startswith("sha256:")
    told = None if verify == SYSTEM else str(folder / verify) if is_file else verify
    try:
        return context_for(told)
    except (OSError, ValueError) as error:
        problem = f"cannot be used ({error})"
        raise ConfigInvalid("the config", "mail.verify", problem) from error


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
