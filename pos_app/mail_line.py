"""The way mail leaves the house: these settings in the shop's own words, and whoever carries it."""

from __future__ import annotations

import ssl
from pathlib import Path

from pos_app.config import Settings
from pos_app.errors import ConfigInvalid
from pos_app.secret import Secrets
from sync.mail.folder import FolderCarrier
from sync.mail.letter import Carrier
from sync.mail.smtp import Security, SmtpCarrier, SmtpSettings
from sync.sap.tls import context_for

SYSTEM = "system"


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
