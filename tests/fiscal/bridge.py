"""A bridge from the serial link to a box on the network, written from docs/fiscal-link.md alone.

It shares no code with `fiscal.link`: what it understands, the page explains.
"""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import json
import struct
import threading
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from fiscal.simulator.pseudo_port import PseudoPort

STX, ETX, ENQ, DLE, SYN, XON, XOFF = 0x02, 0x03, 0x05, 0x10, 0x16, 0x11, 0x13
HEAD = struct.Struct(">BcIHBB")
PART = 1024
POSTS = ("TransactM", "TransactMExt")
ACK_WAITS = (0.1, 0.2, 0.4, 0.4)
SYN_EVERY = 0.03
BOX_SECONDS = 4.0


def frame(  # noqa: PLR0917 - the fields in their order
    letter: bytes, session: int, seq: int, part: int, parts: int, data: bytes = b""
) -> bytes:
    body = HEAD.pack(1, letter, session, seq, part, parts) + data
    body += struct.pack(">I", zlib.crc32(body))
    escaped = b"".join(bytes([DLE, b + 0x40]) if b < 0x20 else bytes([b]) for b in body)
    return bytes([STX]) + escaped + bytes([ETX])


def sealed(text: bytes) -> bytes:
    digest = hashlib.sha256(text).hexdigest()
    return text[:-1] + f',"digest":"{digest}"}}'.encode()


def opened(data: bytes) -> dict[str, Any] | None:
    """The message, or None when its digest does not fit."""
    head, mark, tail = data.rpartition(b',"digest":"')
    text = head + b"}"
    if not mark or tail != hashlib.sha256(text).hexdigest().encode() + b'"}':
        return None
    message: dict[str, Any] = json.loads(text)
    return message


class Box:
    """The real box: one HTTP request per call, never repeated."""

    def __init__(self, url: str) -> None:
        self._host = urlsplit(url).netloc

    def ask(self, op: str, body: dict[str, Any]) -> tuple[int, bytes] | None:
        """Status and answer as it came; 0 when nothing was sent; None when nobody knows."""
        connection = http.client.HTTPConnection(self._host, timeout=BOX_SECONDS)
        try:
            connection.connect()
        except OSError:
            return 0, b"null"
        path = f"/api/RevmaxAPI/{op}"
        with contextlib.closing(connection):
            try:
                if op in POSTS:
                    data = json.dumps(body).encode()
                    connection.request("POST", path, data, {"Content-Type": "application/json"})
                elif op == "GetInvoice":
                    connection.request("GET", f"{path}/{quote(body['InvoiceNumber'], safe='')}")
                else:
                    query = urlencode(body, quote_via=quote)
                    connection.request("GET", f"{path}?{query}" if query else path)
                answer = connection.getresponse()
                data = answer.read()
                return answer.status, data if answer.status == 200 else b"null"
            except (OSError, http.client.HTTPException):
                return None


class Bridge:
    """One port, one box, one session at a time."""

    def __init__(self, link: Path, url: str) -> None:
        self._port = PseudoPort(link)
        self._box = Box(url)
        self._stop = threading.Event()
        self._body: bytearray | None = None
        self._is_escaped = False
        self._boot = 1
        self._session = self._seq = 0
        self._hello = b""
        self._parts: list[bytes] = []
        self._count = 0
        self._work: threading.Thread | None = None
        self._done: list[tuple[tuple[int, int], tuple[int, bytes] | None]] = []
        self._syn_at = 0.0
        self._reply: list[bytes] = []
        self._place = self._tries = 0
        self._due: float | None = None
        self._completed = (0, 0)
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()
        if self._work is not None:
            self._work.join()
        self._port.close()

    def _serve(self) -> None:
        while not self._stop.is_set():
            for byte in self._port.read(0.01):
                self._hear(byte)
            self._tick()

    def _hear(self, byte: int) -> None:
        if byte in (XON, XOFF):
            return
        if byte == STX:
            self._body, self._is_escaped = bytearray(), False
        elif self._body is None:
            if byte == ENQ:
                self._enquired()
        elif byte == ETX:
            body, self._body = bytes(self._body), None
            if len(body) >= HEAD.size + 4:
                self._frame(body)
        elif byte == DLE:
            self._is_escaped = True
        elif self._is_escaped:
            self._body.append(byte - 0x40 & 0xFF)
            self._is_escaped = False
        else:
            self._body.append(byte)

    def _frame(self, body: bytes) -> None:
        if zlib.crc32(body[:-4]) != struct.unpack(">I", body[-4:])[0] or body[0] != 1:
            return
        _, letter, session, seq, part, parts = HEAD.unpack_from(body)
        payload = body[HEAD.size : -4]
        if letter == b"H":
            self._greet(session, payload)
        elif session != self._session:
            self._say(frame(b"E", session, seq, 0, 1, b"STALE_SESSION"))
        elif letter == b"D":
            self._request(seq, part, parts, payload)
        elif letter == b"A" and seq == self._seq and part == self._place and self._reply:
            self._place, self._tries = self._place + 1, 0
            self._send_reply()
        elif letter == b"N" and seq == self._seq and self._reply:
            self._send_reply()

    def _greet(self, session: int, payload: bytes) -> None:
        if opened(payload) is None:
            return
        if session != self._session:
            self._say(bytes([SYN]))
            status, card = self._ask_now("GetDayStatus"), self._ask_now("GetCardDetails")
            if status is None or card is None:
                self._boot += 1
                return
            self._session, self._seq, self._count = session, 0, 0
            self._parts, self._reply, self._due = [], [], None
            self._hello = sealed(json.dumps(self._greeting(status)).encode())
        self._say(frame(b"H", session, 0, 0, 1, self._hello))

    def _ask_now(self, op: str) -> Any:
        found = self._box.ask(op, {})
        answer = json.loads(found[1]) if found and found[0] == 200 else {}
        return answer if answer.get("Code") == "1" else None

    def _greeting(self, status: dict[str, Any]) -> dict[str, Any]:
        data = status["Data"]
        return {
            "deviceID": status["DeviceID"],
            "serial": status["DeviceSerialNumber"],
            "bootID": f"bridge-{self._boot}",
            "lastReceiptGlobalNo": data["lastReceiptGlobalNo"],
            "lastInvoiceNumber": "",
            "dayStatus": data["fiscalDayStatus"],
            "fiscalDay": data["lastFiscalDayNo"],
            "clock": "2026-10-05T08:00:00+02:00",
            "lastSession": self._completed[0],
            "lastSeqCompleted": self._completed[1],
            "isIdle": self._work is None,
        }

    def _request(self, seq: int, part: int, parts: int, payload: bytes) -> None:
        if seq < max(self._seq, 1):
            return self._say(frame(b"E", self._session, seq, 0, 1, b"STALE_SEQ"))
        if seq > self._seq:
            if self._work is not None:
                return self._say(frame(b"E", self._session, seq, 0, 1, b"BUSY"))
            self._seq, self._parts, self._count = seq, [], parts
            self._reply, self._due = [], None
        if part > len(self._parts):
            return self._say(frame(b"N", self._session, seq, len(self._parts), parts, b"O"))
        if part < len(self._parts) and self._parts[part] != payload:
            return self._say(frame(b"E", self._session, seq, 0, 1, b"SEQ_CONFLICT"))
        is_new = part == len(self._parts)
        if is_new:
            self._parts.append(payload)
        self._say(frame(b"A", self._session, seq, part, parts))
        if is_new and len(self._parts) == self._count:
            self._execute()
        elif self._reply:
            self._enquired()
        return None

    def _execute(self) -> None:
        message = opened(b"".join(self._parts))
        if message is None:
            self._say(frame(b"E", self._session, self._seq, 0, 1, b"BAD_MESSAGE"))
            return
        asked = (self._session, self._seq)
        call = (message["op"], message["body"])
        work = threading.Thread(target=lambda: self._done.append((asked, self._box.ask(*call))))
        self._work = work
        work.start()

    def _tick(self) -> None:
        now = time.monotonic()
        if self._work is not None and not self._work.is_alive():
            self._finish()
        elif self._work is not None and now >= self._syn_at and self._parts:
            self._syn_at = now + SYN_EVERY
            self._say(bytes([SYN]))
        if self._due is not None and now >= self._due:
            self._tries += 1
            if self._tries < len(ACK_WAITS):
                self._send_reply()
            else:
                self._due = None

    def _finish(self) -> None:
        """Tell the answer to whoever asked, unless that session is over or nobody knows it."""
        self._work = None
        asked, found = self._done.pop()
        self._completed = asked
        if asked != (self._session, self._seq) or found is None:
            return
        data = sealed(b'{"http":%d,"envelope":%s}' % found)
        self._reply = [data[at : at + PART] for at in range(0, len(data), PART)]
        self._place = self._tries = 0
        self._send_reply()

    def _send_reply(self) -> None:
        if self._place >= len(self._reply):
            self._due = None
            return
        self._due = time.monotonic() + ACK_WAITS[self._tries]
        count = len(self._reply)
        part = self._reply[self._place]
        self._say(frame(b"R", self._session, self._seq, self._place, count, part))

    def _enquired(self) -> None:
        if self._work is not None:
            self._say(bytes([SYN]))
        elif self._reply:
            self._place, self._tries = min(self._place, len(self._reply) - 1), 0
            self._send_reply()
        elif self._parts and len(self._parts) < self._count:
            missing = len(self._parts)
            self._say(frame(b"N", self._session, self._seq, missing, self._count, b"M"))
        else:
            self._say(frame(b"E", self._session, self._seq, 0, 1, b"NOTHING"))

    def _say(self, data: bytes) -> None:
        self._port.write(data)


@contextlib.contextmanager
def bridge(url: str, folder: Path) -> Iterator[str]:
    """The serial address of a box that has only HTTP."""
    made = Bridge(folder / "bridge", url)
    try:
        yield str(folder / "bridge")
    finally:
        made.stop()
