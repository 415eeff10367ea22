"""One session per process: logged in once however many ask, cookies carried by hand.

Service Layer's B1SESSION cookie has no path and a bare semicolon at its end, which cookie jars
drop; so the pair is kept here and sent as a header (production lesson L55).
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sync.errors import SyncError, Unavailable
from sync.sap import decimal_json
from sync.sap.envelope import read_failure
from sync.sap.errors import Kind, LoginRefused, classify
from sync.sap.port import Clock, Lost, NotSent, Response
from sync.sap.settings import SapSettings

# A session is renewed at five sixths of its idle limit: after 25 of 30 minutes.
RENEW_SHARE = 5 / 6
BACK_OFF_SECONDS = (1.0, 2.0, 4.0)


@dataclass(frozen=True, slots=True)
class Ticket:
    """What one login earned: the cookie header and the idle limit."""

    cookie: str
    idle_limit: timedelta


class Login(Protocol):
    """How a session reaches Login and Logout."""

    def __call__(self, path: str, body: bytes | None, cookie: str | None) -> Response:
        """Post without a session of its own; raises NotSent, Lost or Unavailable."""
        ...


class Session:
    """The shared session; safe to use from several threads."""

    def __init__(self, settings: SapSettings, clock: Clock, login: Login) -> None:
        self._settings = settings
        self._clock = clock
        self._login = login
        self._lock = threading.Lock()
        self._ticket: Ticket | None = None
        self._used = clock.now()
        self._flights = 0
        self._failure: SyncError | None = None
        self._held_until: datetime | None = None

    def ticket(self) -> Ticket:
        """The current session, logged in first when there is none or it has idled too long.

        Raises:
            LoginRefused: user, password or company is wrong.
            Unavailable: SAP cannot log anybody in now.
        """
        current, flights = self._ticket, self._flights
        if current is not None and not self._has_idled(current):
            self._used = self._clock.now()
            return current
        return self._replace(current, flights)

    def renew(self, dead: Ticket) -> Ticket:
        """A session other than one SAP no longer knows; many callers cause one login.

        Raises:
            LoginRefused, Unavailable: as `ticket`.
        """
        return self._replace(dead, self._flights)

    def logout(self) -> None:
        """Give the licence slot back; a failure is harmless since the session ends by itself."""
        with self._lock:
            current, self._ticket = self._ticket, None
        if current is None:
            return
        try:
            self._login("Logout", None, current.cookie)
        except (NotSent, Lost, Unavailable):
            return

    def _has_idled(self, ticket: Ticket) -> bool:
        return self._clock.now() - self._used > ticket.idle_limit * RENEW_SHARE

    def _replace(self, old: Ticket | None, flights: int) -> Ticket:
        with self._lock:
            if self._ticket is not None and self._ticket is not old:
                return self._ticket
            if self._failure is not None and self._must_not_try(flights):
                raise self._failure
            self._ticket = None
            try:
                self._ticket = self._log_in()
                self._failure = None
            except SyncError as error:
                self._failure = error
                raise
            finally:
                self._flights += 1
            self._used = self._clock.now()
            return self._ticket

    def _must_not_try(self, flights: int) -> bool:
        """Whether the last failure answers this caller too."""
        waited_for_it = flights != self._flights
        held = self._held_until is not None and self._clock.now() < self._held_until
        return waited_for_it or held

    def _log_in(self) -> Ticket:
        reason = ""
        for attempt in range(self._settings.login_attempts):
            if attempt:
                self._clock.sleep(BACK_OFF_SECONDS[min(attempt, len(BACK_OFF_SECONDS)) - 1])
            try:
                return self._one_login()
            except NotSent as error:
                raise Unavailable(f"SAP cannot be reached: {error}") from error
            except Lost as error:
                reason = f"SAP did not answer the login: {error}"
            except _Busy as busy:
                reason = str(busy)
        raise Unavailable(reason)

    def _one_login(self) -> Ticket:
        settings = self._settings
        body = {
            "CompanyDB": settings.company_db,
            "UserName": settings.user,
            "Password": settings.password,
        }
        response = self._login("Login", decimal_json.dumps(body).encode(), None)
        if response.status == 200:
            self._held_until = None
            return _read_ticket(response)
        failure = read_failure(response)
        kind = classify(failure.code, failure.text, failure.status, sent=False)
        if kind is Kind.TRANSIENT:
            raise _Busy(f"SAP cannot log in now ({failure.code}: {failure.text}).")
        until = self._clock.now() + timedelta(seconds=settings.login_hold)
        self._held_until = until
        raise LoginRefused(failure.code or str(failure.status), failure.text, until)


class _Busy(Exception):
    """Licence or SLD trouble that passes."""


def _read_ticket(response: Response) -> Ticket:
    try:
        data = decimal_json.loads(response.body)
        session, minutes = str(data["SessionId"]), int(data.get("SessionTimeout") or 30)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _Busy("SAP's answer to the login cannot be read.") from error
    cookies = {"B1SESSION": session}
    for line in response.all("Set-Cookie"):
        name, _, value = line.split(";", 1)[0].strip().partition("=")
        if name in ("B1SESSION", "ROUTEID") and value:
            cookies[name] = value
    header = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return Ticket(header, timedelta(minutes=minutes))
