"""Three providers on one set of books: requests in, answers or a cut line out, callbacks beside."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from sandbox.clock import SandboxClock
from sandbox.fault import Fault, Faults
from sandbox.log import RequestLog
from sync.gateway.simulator import ecocash_face, innbucks_face, paynow_face
from sync.gateway.simulator.books import Books, Transaction
from sync.gateway.simulator.message import Post, Reply, Request

LATE, DOUBLED, REORDERED = "late", "duplicate_callback", "reorder"
CONTRADICTED, LOST_REPLY, UNHEARD_OF = "contradict", "timeout_then_success", "unknown_status"
LOST_CALLBACK, WRONG_AMOUNT, NOT_REACHED, BUSY = (
    "lost_callback", "wrong_amount", "drop_before", "busy",
)  # fmt: skip
KNOWN = frozenset(
    {
        LATE, DOUBLED, REORDERED, CONTRADICTED, LOST_REPLY, UNHEARD_OF, LOST_CALLBACK,
        WRONG_AMOUNT, NOT_REACHED, BUSY,
    }
)  # fmt: skip

_OF_START = frozenset({LATE, LOST_REPLY, LOST_CALLBACK, WRONG_AMOUNT, REORDERED})
_OF_LINE = frozenset({NOT_REACHED, BUSY, LOST_REPLY})
_OF_CALLBACK = frozenset({DOUBLED, CONTRADICTED})
_OF_LOOK = frozenset({UNHEARD_OF})
LATE_SECONDS = 7200.0
STRANGE = "Quarantined"

_FACES: dict[str, Any] = {
    "paynow": paynow_face,
    "ecocash": ecocash_face,
    "innbucks": innbucks_face,
}
_STARTS: dict[str, Callable[[Books, Request, list[str], float | None], Reply]] = {
    "POST /interface/initiatetransaction": paynow_face.start,
    "POST /transactions/amount/": ecocash_face.start,
    "POST /api/code/generate": innbucks_face.generate,
}
_LOOKS: dict[str, Callable[[Books, Request, str | None], Reply]] = {
    "POST /interface/checkpayment/": paynow_face.poll,
    "POST /api/code/enquiry": innbucks_face.enquire,
}


class Simulator:
    """The providers; `answer` for requests, `act` for what customers and callbacks do."""

    def __init__(self, books: Books, clock: SandboxClock, *, seed: int = 0) -> None:
        self.books = books
        self.clock = clock
        self.faults = Faults(random.Random(seed), known=KNOWN)  # noqa: S311 - repeatable
        self.log = RequestLog(clock.now)
        self._posts: list[Post] = []
        self._base = ""

    def answer(self, request: Request) -> Reply | None:
        """Answer a request; None is a line cut without one."""
        self._base = request.base
        call = f"{request.method} {request.path.lower()}"
        name = f"{request.method} {_provider(call)}"
        fault = (
            self.faults.take(name, only=_OF_LINE | _OF_START, aliases=(call,))
            if (call in _STARTS or call == "POST /transactions/refund/")
            else None
        )
        if fault is not None and fault.do == NOT_REACHED:
            return self._logged(call, "dropped", None)
        if fault is not None and fault.do == BUSY:
            return self._logged(call, "429", Reply.of(429, {"statusMessage": "Busy"}))
        reply = self._route(call, request, fault)
        if fault is not None and fault.do == LOST_REPLY:
            return self._logged(call, f"{reply.status}, reply lost", None)
        return self._logged(call, str(reply.status), reply)

    def act(self) -> list[Post]:
        """Let customers do what is due; the callbacks that leave now, in their order."""
        with self.books.lock:
            self.books.act(self._changed)
            posts, self._posts = self._posts, []
        return posts

    def do(self, provider: str, key: str, status: str) -> bool:
        """Have a customer or the provider do something by hand; False when there is no such one."""
        with self.books.lock:
            row = self.books.find(provider, key)
            if row is None:
                return False
            row.plan.clear()
            self.books.become(row, status)
            self._changed(row)
        return True

    def _route(self, call: str, request: Request, fault: Fault | None) -> Reply:
        start = _STARTS.get(call)
        if start is not None:
            quirks = [fault.do] if fault is not None else []
            late = fault is not None and fault.do == LATE
            seconds = (fault.seconds or LATE_SECONDS) if fault is not None and late else None
            return start(self.books, request, quirks, seconds)
        if call == "POST /transactions/refund/":
            return ecocash_face.refund(self.books, request)
        if call == "POST /auth/third-party":
            return innbucks_face.login(request)
        is_ecocash = request.method == "GET" and "/transactions/amount/" in request.path
        look = ecocash_face.look if is_ecocash else _LOOKS.get(call)
        if look is None:
            return Reply.of(404, {"statusMessage": "There is nothing here."})
        name = f"look {_provider(call)}"
        odd = self.faults.take(name, only=_OF_LOOK, aliases=(call,))
        return look(self.books, request, STRANGE if odd else None)

    def _changed(self, row: Transaction) -> None:
        """What a provider posts when a payment changed."""
        if not row.callback_url or LOST_CALLBACK in row.quirks:
            return
        face = _FACES[row.provider]
        post = self._post(row, face.WORDS[row.status])
        posts = [post]
        fault = self.faults.take(f"callback {row.provider}", only=_OF_CALLBACK)
        if fault is not None and fault.do == DOUBLED:
            posts += [post] * max(int(fault.bytes), 1)
        if fault is not None and fault.do == CONTRADICTED:
            posts.append(self._post(row, face.WORDS["failed" if row.status == "paid" else "paid"]))
        if REORDERED in row.quirks:
            posts.append(self._post(row, face.WORDS["created"]))
        self._posts += posts

    def _post(self, row: Transaction, word: str) -> Post:
        if row.provider == paynow_face.PROVIDER:
            return paynow_face.callback(row, word, self._base)
        made: Post = _FACES[row.provider].callback(row, word)
        return made

    def _logged(self, call: str, outcome: str, reply: Reply | None) -> Reply | None:
        self.log.append(call, outcome)
        return reply


def _provider(call: str) -> str:
    if "/interface/" in call:
        return "paynow"
    return "ecocash" if "/transactions/" in call else "innbucks"
