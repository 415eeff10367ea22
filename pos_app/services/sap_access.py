"""Where SAP is and as whom we go there: from the config file, or as an Admin changed it since.

The password is never kept here: it is a secret of the server's folder.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

from sqlalchemy import Connection

from pos_app.domain.permission import Actor
from pos_app.errors import RuleBroken
from pos_app.services.shop import Shop
from pos_app.store import audit, setting

NAME = "sap.access"


class NoSapHere(RuleBroken):
    """The server keeps its own books."""

    code = "no_sap"

    def __init__(self) -> None:
        super().__init__(
            "This server keeps its own books: name SAP's address in its config file first."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SapAccess:
    """One company behind one Service Layer.

    Attributes:
        series: numbering series of our invoices; None leaves it to SAP.
        series_name: what people call it.
        password: a reference to the secret, never the secret itself.
    """

    url: str
    company_db: str
    user: str
    password: str
    series: int | None = None
    series_name: str = ""

    def is_at(self, url: str) -> bool:
        """Whether an address is of the same host and port, by the same protocol."""
        return _origin(url) == _origin(self.url)


def _origin(url: str) -> tuple[str, str, int | None] | None:
    """None where it is no address at all."""
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname or "", parts.port
    except ValueError:
        return None


def changed(shop: Shop) -> SapAccess | None:
    """What an Admin has changed it to; None where the config file counts."""
    with shop.store.read() as connection:
        stored = setting.read(connection, NAME)
    return None if stored is None else SapAccess(**json.loads(stored))


def series(connection: Connection) -> int | None:
    """The numbering series of our invoices; None leaves it to SAP."""
    stored = setting.read(connection, NAME)
    return None if stored is None else SapAccess(**json.loads(stored)).series


def change(shop: Shop, actor: Actor, access: SapAccess) -> None:
    """Keep it, with an entry in the audit that says who and what, but no secret.

    Raises:
        NoSapHere: documents of this server are not queued for SAP at all.
    """
    if not shop.rules.has_sap:
        raise NoSapHere
    facts = asdict(access)
    with shop.store.write() as connection:
        setting.write(connection, NAME, json.dumps(facts))
        audit.append(
            connection,
            at=shop.clock.now(),
            actor=actor.username,
            action="sap.change_access",
            subject=access.company_db,
            details={name: value for name, value in facts.items() if name != "password"},
        )
