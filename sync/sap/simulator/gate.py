"""Faults on the way in and on the way out, the same for every kind of transport.

The gate decides; the transport obeys: it waits when told to, and closes the connection when
there is nothing to send.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from sandbox.fault import Fault, Faults
from sandbox.log import RequestLog
from sync.sap import decimal_json
from sync.sap.port import Response
from sync.sap.simulator.core import Core
from sync.sap.simulator.latency import NONE, Latency
from sync.sap.simulator.message import Request, answer, failure, gateway_page

CONNECTION = frozenset({"refuse", "drop_before"})
STALL = frozenset({"stall"})
SESSION = frozenset({"expire_session"})
LOGIN = frozenset({"login_299", "error"})
LOOKUP = frozenset({"lookup_fails"})
READING = LOOKUP | {"error"}
WRITING = frozenset({"error"})
SHORT = frozenset({"short_pages"})
HIDE = frozenset({"hide"})
REPLY = frozenset({"commit_then_drop", "commit_then_502", "truncate_json", "code_as_text"})
NODE = frozenset({"node_down"})
KNOWN = CONNECTION | STALL | SESSION | LOGIN | READING | SHORT | HIDE | REPLY | NODE
"""Everything a fault may do here."""

LOGIN_CALL = "POST Login"


@dataclass(frozen=True, slots=True)
class Admission:
    """What to do with a request before it is answered.

    Attributes:
        verdict: ``refuse`` or ``drop_before`` when it must not be processed, else None.
        wait: seconds to let pass first.
    """

    verdict: str | None
    wait: float


class Gate:
    """One simulator with its faults and its log of requests.

    Args:
        core: the simulated Service Layer.
        faults: armed by whoever tests.
        log: every request and what became of it.
        rng: decides how long each request takes; only needed with a latency.
    """

    def __init__(
        self, core: Core, faults: Faults, log: RequestLog, *, rng: random.Random | None = None
    ) -> None:
        self.core = core
        self.faults = faults
        self.log = log
        self.latency: Latency = NONE
        self._rng = rng or random.Random(0)  # noqa: S311 - how long an answer takes, no secret

    def admit(self, request: Request) -> Admission:
        """Decide on a request before anything of it is processed."""
        fault = self.faults.take(request.full_call, only=CONNECTION)
        if fault is not None:
            outcome = "refused" if fault.do == "refuse" else "dropped"
            self._note(request, outcome, fault)
            return Admission(fault.do, 0)
        stall = self.faults.take(request.full_call, only=STALL)
        wait = self.latency.seconds(request, self._rng)
        return Admission(None, wait + (stall.seconds if stall else 0))

    def answer(self, request: Request, *, hidden_seconds: float = 0) -> Response | None:
        """Process a request; None means: close the connection without an answer.

        Args:
            request: the request.
            hidden_seconds: how long what it creates stays invisible, beside any fault.
        """
        call = request.full_call
        if self.faults.take(call, only=SESSION):
            self.core.sessions.end_all()
        down = self.faults.take(call, only=NODE)
        if down is not None:
            # The balancer's word for a node that is gone; nothing of the request was processed.
            self._note(request, "503", down)
            return Response(503, (), b"")
        is_login = request.call == LOGIN_CALL
        if not is_login and not self.core.is_logged_in(request):
            response = self.core.respond(request)
            self._note(request, str(response.status))
            return response
        instead = self._instead(request)
        if instead is not None:
            return instead
        response = self._process(request, hidden_seconds)
        fault = self.faults.take(call, only=REPLY)
        return self._reply(request, response, fault)

    def busy_login(self, request: Request) -> Response:
        """The answer to a login that meets another one."""
        self._note(request, "299")
        return failure(request.version, status=500, code=299, text="SAML Login Failed")

    def _instead(self, request: Request) -> Response | None:
        """The answer of a fault that takes the place of processing, or None."""
        if request.call == LOGIN_CALL:
            stage = LOGIN
        else:
            stage = READING if request.method == "GET" else WRITING
        fault = self.faults.take(request.full_call, only=stage)
        if fault is None:
            return None
        response = _error(request, fault)
        self._note(request, str(response.status), fault)
        return response

    def _process(self, request: Request, hidden_seconds: float) -> Response:
        if request.method == "GET":
            short = self.faults.take(request.full_call, only=SHORT) is not None
            return self.core.respond(request, short_page=short)
        hide = self.faults.take(request.full_call, only=HIDE)
        seconds = max(hidden_seconds, hide.seconds if hide else 0)
        return self.core.respond(request, hidden_seconds=seconds, strike=self._struck)

    def _struck(self, request: Request) -> Response | None:
        """A look-up inside a batch that fails: no proxy answers there, but SAP itself."""
        fault = self.faults.take(request.full_call, only=LOOKUP)
        if fault is None:
            return None
        code = -1 if fault.code is None else fault.code
        status = 500 if fault.code is None else 400
        text = fault.message or "Internal error (-1) occurred"
        response = failure(request.version, status=status, code=code, text=text)
        self._note(request, str(response.status), fault)
        return response

    def _reply(self, request: Request, response: Response, fault: Fault | None) -> Response | None:
        if fault is None:
            self._note(request, str(response.status))
            return response
        if fault.do == "commit_then_drop":
            self._note(request, f"dropped after {response.status}", fault)
            return None
        if fault.do == "commit_then_502":
            self._note(request, f"502 after {response.status}", fault)
            return gateway_page(502)
        if fault.do == "code_as_text":
            self._note(request, str(response.status), fault)
            return _with_text_code(response)
        self._note(request, f"cut after {response.status}", fault)
        kept = fault.bytes or len(response.body) // 2
        return Response(response.status, response.headers, response.body[:kept])

    def _note(self, request: Request, outcome: str, fault: Fault | None = None) -> None:
        detail = {"query": request.query} if request.query else {}
        if fault is not None:
            detail["fault"] = fault.do
        self.log.append(request.call, outcome, detail)


def _with_text_code(response: Response) -> Response:
    """The same refusal with its code as text, as some builds send it; successes as they are."""
    if response.status < 400:
        return response
    data = decimal_json.loads(response.body)
    data["error"]["code"] = str(data["error"]["code"])
    return answer(data, response.status)


def _error(request: Request, fault: Fault) -> Response:
    if fault.do == "login_299":
        return failure(request.version, status=500, code=299, text="SAML Login Failed")
    if fault.code is None and fault.do == "lookup_fails":
        return gateway_page(502)
    code = -5002 if fault.code is None else fault.code
    text = fault.message or "Internal error (-5002) occurred"
    return failure(request.version, status=400, code=code, text=text)
