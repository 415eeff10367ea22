"""The line of one server process to SAP: opened as settings say, tried out, opened anew."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from pos_app import secret
from pos_app.bootstrap import Installation
from pos_app.domain.permission import Actor
from pos_app.errors import ConfigInvalid
from pos_app.services import sap_access
from pos_app.services.sap_access import SapAccess
from sync.errors import SyncError
from sync.sap import company
from sync.sap.client import ServiceLayer
from sync.sap.http_client import HttpxHttp
from sync.sap.port import Http
from sync.sap.settings import SapSettings

PASSWORD_FILE = "sap_password_changed"  # noqa: S105 - the name of a file


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What came of trying a connection."""

    is_good: bool
    words: str
    milliseconds: int
    at: datetime


class SapLine:
    """The connection everybody in this process shares; another one as soon as it was changed."""

    def __init__(
        self,
        installation: Installation,
        *,
        sap: ServiceLayer | None = None,
        http: Callable[[SapSettings], Http] = HttpxHttp,
    ) -> None:
        """Open it.

        Args:
            installation: whose settings it follows.
            sap: a connection that is open already.
            http: how to get to the Service Layer of some settings.
        """
        self._installation = installation
        self._http = http
        self._lock = threading.Lock()
        self._access = self.access()
        self._sap = sap or self._opened(self._access)

    @property
    def has_sap(self) -> bool:
        """Whether there is a SAP to work with."""
        return self._sap is not None

    def access(self) -> SapAccess:
        """Where SAP is: as changed, or as in the config file."""
        wanted = self._installation.settings.sap
        return sap_access.changed(self._installation.shop) or SapAccess(
            url=wanted.url,
            company_db=wanted.company_db,
            user=wanted.user,
            password=wanted.password,
        )

    def current(self) -> ServiceLayer | None:
        """The connection to use now.

        Raises:
            ConfigInvalid: what it was changed to cannot be used.
        """
        wanted = self.access()
        with self._lock:
            if wanted != self._access:
                old, self._sap = self._sap, self._opened(wanted)
                self._access = wanted
                if old is not None:
                    with suppress(SyncError):
                        old.logout()
            return self._sap

    def tried(self, access: SapAccess | None = None, *, password: str = "") -> Tried:
        """Sign in and ask for the company's name, on a connection kept for people.

        Args:
            access: another one than the current.
            password: of the other one; empty for the one that is kept.
        """
        clock = self._installation.shop.clock
        began = clock.now()
        try:
            sap = self.current() if access is None else self._opened(access, password=password)
            if sap is None:
                raise sap_access.NoSapHere
            words, is_good = f"Connected to {company.company(sap.interactive()).name}.", True
        except (SyncError, ConfigInvalid, sap_access.NoSapHere) as error:
            words, is_good = str(error), False
        took = clock.now() - began
        return Tried(
            is_good=is_good,
            words=words,
            milliseconds=round(took.total_seconds() * 1000),
            at=clock.now(),
        )

    def keep(self, actor: Actor, access: SapAccess, *, password: str) -> None:
        """Change the connection for every process on these books; an empty password stays.

        Raises:
            NoSapHere: documents of this server are not queued for SAP at all.
        """
        installation = self._installation
        reference = self.access().password
        if password:
            folder = installation.folder / "secrets"
            reference = secret.store_file(folder, PASSWORD_FILE, password)
        kept = SapAccess(
            url=access.url,
            company_db=access.company_db,
            user=access.user,
            password=reference,
            series=access.series,
            series_name=access.series_name,
        )
        sap_access.change(installation.shop, actor, kept)

    def _opened(self, access: SapAccess, *, password: str = "") -> ServiceLayer | None:
        """A connection, or None for a shop that keeps its own books.

        Raises:
            ConfigInvalid: the address or the certificate cannot be used.
        """
        if not access.url:
            return None
        wanted, installation = self._installation.settings.sap, self._installation
        try:
            settings = SapSettings(
                url=access.url,
                company_db=access.company_db,
                user=access.user,
                password=password or installation.secrets.resolve(access.password),
                verify=None if wanted.verify == "system" else wanted.verify,
                key_field=wanted.key_field,
                payment_key_field=wanted.payment_key_field or None,
                count_key_field=wanted.count_key_field or None,
            )
            http = self._http(settings)
        except (ValueError, OSError) as error:
            raise ConfigInvalid("the config", "sap", f"cannot be used ({error})") from error
        return ServiceLayer(settings, http, installation.shop.clock)


def open_sap(installation: Installation) -> ServiceLayer | None:
    """The Service Layer to use now, or None for a shop that keeps its own books.

    Raises:
        ConfigInvalid: the address or the certificate cannot be used.
    """
    return SapLine(installation).current()


def sap_for_people(installation: Installation) -> ServiceLayer | None:
    """The same for somebody who waits: it gives up sooner and takes reserved connections.

    Raises:
        ConfigInvalid: as `open_sap`.
    """
    sap = open_sap(installation)
    return None if sap is None else sap.interactive()
