"""The Service Layer client: one exchange, its session, its outcome.

A read that gets no answer is asked again; a request that changes something never is
(production lessons L01, L88). Only an ended session is replayed, since SAP answers that before
it processes anything.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, NoReturn

from sync.errors import OutcomeUnknown, Unavailable
from sync.sap import decimal_json
from sync.sap.breaker import Breaker
from sync.sap.envelope import Failure, etag_of, next_link, read_failure, scalar
from sync.sap.errors import Kind, SapRejected, classify
from sync.sap.line import Line
from sync.sap.port import Clock, Http, Lost, NotSent, Response
from sync.sap.query import Query, encode, entity
from sync.sap.session import Session
from sync.sap.settings import SapSettings

Row = dict[str, Any]
READ_PAUSE_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Versioned:
    """An entity and the version it was read in, None for a set without versions."""

    row: Row
    etag: str | None


class ServiceLayer:
    """One company behind one Service Layer; share one object per process.

    Args:
        settings: where and who.
        http: the network, or the simulator in its place.
        clock: time for sessions, back-off and the circuit breaker.
    """

    def __init__(self, settings: SapSettings, http: Http, clock: Clock) -> None:
        self.settings = settings
        self._clock = clock
        self._line = Line(settings, http, clock)
        self._session = Session(settings, clock, self._without_session)
        self.is_interactive = False

    @property
    def breaker(self) -> Breaker:
        """Whether calls are being held back now."""
        return self._line.breaker

    def interactive(self) -> ServiceLayer:
        """The same session and connections, for a person who waits.

        Its calls may use the reserved connections, and give up sooner (production lesson L82).
        """
        timeouts = self.settings.timeouts
        shorter = replace(
            timeouts, read=timeouts.interactive, read_total=timeouts.interactive_total
        )
        other = copy.copy(self)
        other.settings = replace(self.settings, timeouts=shorter)
        other.is_interactive = True
        return other

    def get(self, path: str, *, page_size: int | None = None, timeout: float | None = None) -> Any:
        """Read anything by its path below the base address, options encoded.

        Raises:
            SapRejected: SAP refused the question, such as an unknown property.
            Unavailable: no answer after the retries; never an empty result in its place.
        """
        headers = {} if page_size is None else {"Prefer": f"odata.maxpagesize={page_size}"}
        patience = timeout or self.settings.timeouts.read
        return self._read("GET", path, None, headers=headers, timeout=patience)[0]

    def ask(
        self,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        page_size: int | None = None,
    ) -> Any:
        """Call a function that changes nothing though it is a POST, and unwrap its value.

        Raises:
            SapRejected, Unavailable: as `get`.
        """
        headers = {} if page_size is None else {"Prefer": f"odata.maxpagesize={page_size}"}
        patience = self.settings.timeouts.read
        return self._read("POST", path, body or {}, headers=headers, timeout=patience)[0]

    def value(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """As `ask`, for functions that answer with one value in either dialect."""
        return scalar(self.ask(path, body))

    def find(self, set_name: str, key: Any, query: Query) -> Row | None:
        """One entity by its key, or None when SAP proves that it has none.

        Raises:
            SapRejected, Unavailable: as `get`; a failed question is not a "no".
        """
        found = self.find_version(set_name, key, query)
        return None if found is None else found.row

    def find_version(self, set_name: str, key: Any, query: Query) -> Versioned | None:
        """As `find`, with the version to hand back to `patch`."""
        path = f"{entity(set_name, key)}?{query.options()}"
        try:
            row, response = self._read("GET", path, None, timeout=self.settings.timeouts.read)
        except SapRejected as error:
            if error.kind is Kind.MISSING and error.http_status == 404:
                return None
            raise
        if not isinstance(row, dict):
            raise Unavailable(f"SAP's answer to {set_name} is not an object.")
        return Versioned(row, response.header("ETag") or etag_of(row))

    def rows(self, set_name: str, query: Query, *, page_size: int | None = None) -> Iterator[Row]:
        """Every row of a query, page by page along SAP's own links.

        For data that changes while it is read use `sync.sap.paging.by_key`: these links count
        rows, so an insertion repeats or hides some.

        Raises:
            SapRejected, Unavailable: as `get`, also in the middle.
        """
        size = page_size or self.settings.page_size
        path: str | None = f"{set_name}?{query.options()}"
        while path is not None:
            page = self.page(path, page_size=size)
            yield from page["value"]
            link = next_link(page)
            path = None if link is None else self._line.relative(link)

    def page(self, path: str, *, page_size: int) -> Row:
        """One page: ``value`` is a list, and `next_link` tells whether more follow.

        Raises:
            SapRejected, Unavailable: as `get`.
        """
        page = self.get(path, page_size=page_size, timeout=self.settings.timeouts.page)
        if not isinstance(page, dict) or not isinstance(page.get("value"), list):
            raise Unavailable(f"SAP's answer to {_resource(path)} is not a list of rows.")
        return page

    def count(self, set_name: str, where: str = "") -> int:
        """How many rows SAP counts.

        Raises:
            SapRejected, Unavailable: as `get`.
        """
        options = f"?{encode({'$filter': where})}" if where else ""
        told = self.get(f"{set_name}/$count{options}")
        try:
            return int(told)
        except (TypeError, ValueError) as error:
            raise Unavailable(f"SAP's count of {set_name} is not a number.") from error

    def post(self, path: str, body: Mapping[str, Any] | None = None) -> Row:
        """Send a request that changes something, once.

        Returns:
            The created entity, or an empty object when SAP answers without a body.

        Raises:
            SapRejected: SAP refused; nothing was changed.
            Unavailable: proven not processed.
            OutcomeUnknown: it may have been; look it up before anything else.
        """
        return self._write("POST", path, body)

    def patch(self, path: str, body: Mapping[str, Any], *, etag: str | None = None) -> None:
        """Change properties of one entity, once.

        Args:
            path: of the entity.
            body: the properties to change.
            etag: the version it was read in; SAP refuses when it is another by now, with kind
                STALE. None changes it whatever happened meanwhile.

        Raises:
            SapRejected, Unavailable, OutcomeUnknown: as `post`.
        """
        self._write("PATCH", path, body, headers={"If-Match": etag} if etag else {})

    def post_raw(self, path: str, payload: bytes, *, content_type: str) -> Response:
        """Send a body of another type than JSON, once, and hand back the answer as it came.

        Raises:
            SapRejected, Unavailable, OutcomeUnknown: as `post`.
        """
        headers = {"Content-Type": content_type}
        return self._send_once("POST", path, payload, headers=headers)

    def logout(self) -> None:
        """Give the session back to SAP; call at shutdown."""
        self._session.logout()

    def _read(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None,
        *,
        timeout: float,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[Any, Response]:
        payload = None if body is None else decimal_json.dumps(body).encode()
        reason = "SAP was not asked."
        total = timedelta(seconds=self._total(timeout))
        until = self._clock.now() + total
        for attempt in range(self.settings.read_attempts):
            pause = READ_PAUSE_SECONDS * attempt
            left = (until - self._clock.now()).total_seconds() - pause
            if left <= 0:
                break
            if pause:
                self._clock.sleep(pause)
            patience = min(timeout, left)
            try:
                response = self._exchange(
                    method, path, payload, headers=headers or {}, timeout=patience
                )
                return _read_body(response), response
            except NotSent as error:
                raise Unavailable(f"SAP cannot be reached: {error}") from error
            except Lost as error:
                reason = f"SAP did not answer {method} {_resource(path)}: {error}"
            except _Failed as failed:
                reason = self._judge_read(failed.failure, path)
        raise Unavailable(reason)

    def _total(self, timeout: float) -> float:
        """Seconds for all attempts of a read together."""
        timeouts = self.settings.timeouts
        return timeouts.read_total if timeout <= timeouts.read else timeouts.page_total

    def _judge_read(self, failure: Failure, path: str) -> str:
        kind = classify(failure.code, failure.text, failure.status, sent=False)
        if kind is Kind.TRANSIENT:
            return f"SAP could not answer {_resource(path)}: {failure.text}"
        raise SapRejected(failure.code or "http", failure.text, failure.status, kind=kind)

    def _write(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> Row:
        payload = None if body is None else decimal_json.dumps(body).encode()
        response = self._send_once(method, path, payload, headers=headers or {})
        try:
            return _as_object(_read_body(response))
        except Lost as error:
            raise OutcomeUnknown(f"The answer to {method} {path} got lost: {error}") from error

    def _send_once(
        self, method: str, path: str, payload: bytes | None, *, headers: Mapping[str, str]
    ) -> Response:
        timeout = self.settings.timeouts.write
        try:
            response = self._exchange(method, path, payload, headers=headers, timeout=timeout)
        except NotSent as error:
            raise Unavailable(f"SAP cannot be reached: {error}") from error
        except Lost as error:
            raise OutcomeUnknown(f"The answer to {method} {path} got lost: {error}") from error
        if not 200 <= response.status < 300:
            raise_write(read_failure(response), f"{method} {path}")
        return response

    def _exchange(
        self,
        method: str,
        path: str,
        payload: bytes | None,
        *,
        headers: Mapping[str, str],
        timeout: float,
    ) -> Response:
        """One exchange, replayed once when SAP says the session has ended."""
        ticket = self._session.ticket()
        for is_replay in (False, True):
            if is_replay:
                ticket = self._session.renew(ticket)
            sent = {**headers, "Cookie": ticket.cookie}
            response = self._line.send(
                method,
                path,
                payload,
                headers=sent,
                timeout=timeout,
                is_interactive=self.is_interactive,
            )
            if not _session_ended(response):
                return response
        raise Unavailable("SAP ended the session twice in a row; the request was not processed.")

    def _without_session(self, path: str, body: bytes | None, cookie: str | None) -> Response:
        headers = {"Cookie": cookie} if cookie else {}
        timeout = self.settings.timeouts.login
        # Everybody waits for a login, so it takes any connection there is.
        return self._line.send(
            "POST", path, body, headers=headers, timeout=timeout, is_interactive=True
        )


class _Failed(Exception):
    """An answer that is not a success; not an outcome yet."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.text)
        self.failure = failure


def _read_body(response: Response) -> Any:
    """The parsed answer; raises _Failed for an error and Lost for one that cannot be read."""
    if not 200 <= response.status < 300:
        raise _Failed(read_failure(response))
    if response.status == 204 or not response.body:
        return None
    try:
        return decimal_json.loads(response.body)
    except ValueError as error:
        raise Lost("the answer is cut off or not JSON") from error


def _session_ended(response: Response) -> bool:
    if response.status != 401:
        return False
    failure = read_failure(response)
    return classify(failure.code, failure.text, 401, sent=True) is Kind.SESSION


def raise_write(failure: Failure, call: str) -> NoReturn:
    """The outcome of a change SAP answered with an error; raises as `ServiceLayer.post`."""
    kind = classify(failure.code, failure.text, failure.status, sent=True)
    if kind is Kind.UNKNOWN:
        text = failure.text[:200]
        raise OutcomeUnknown(f"{call} was answered with HTTP {failure.status}: {text}")
    if kind in (Kind.TRANSIENT, Kind.CREDENTIALS):
        raise Unavailable(f"SAP did not process {call} ({failure.code}: {failure.text}).")
    raise SapRejected(failure.code or "http", failure.text, failure.status, kind=kind)


def _resource(path: str) -> str:
    return path.partition("?")[0]


def _as_object(data: Any) -> Row:
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise Lost("the answer is not an object")
    return data
