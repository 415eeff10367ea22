"""The hub: pushes notifications to whoever is connected, in SignalR's JSON protocol on WebSocket.

A message is JSON and the character 0x1E. The client sends ``{"protocol":"json","version":1}``, the
server answers ``{}`` and from then on ``{"type":1,"target":"ReceiveNotification","arguments":[…]}``
for each notification, and likewise for each call of `pos_app.domain.hub`; ``{"type":6}`` is a ping
of either side, ``{"type":7}`` the end.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import structlog

from pos_app.api.wire import Answer, write
from pos_app.domain.notification import Reader
from pos_app.services.hub import Call
from pos_app.services.notification.view import Notification

log = structlog.get_logger(__name__)

HUB = "/hubs/notifications"
TARGET = "ReceiveNotification"
END = "\x1e"
AMOUNTS = frozenset({"totalAmount"})
PING, CLOSE, INVOCATION, COMPLETION = 6, 7, 1, 3
WAITING_MOST = 100
"""Notifications kept for one slow client; one that lags further behind is let go."""

CLIENTS_MOST, CLIENTS_OF_ONE = 500, 20


class Transport(Answer):
    """A way to connect."""

    transport: str
    transfer_formats: list[str]


class Connected(Answer):
    """What a client needs to know before it connects."""

    connection_id: str
    connection_token: str
    negotiate_version: int
    available_transports: list[Transport]

    @classmethod
    def of(cls, connection_id: str) -> Connected:
        """WebSocket is the only way."""
        return cls(
            connection_id=connection_id,
            connection_token=connection_id,
            negotiate_version=1,
            available_transports=[Transport(transport="WebSockets", transfer_formats=["Text"])],
        )


@dataclass(eq=False)
class Client:
    """One connection: who is there, and what is on its way to them."""

    reader: Reader
    loop: asyncio.AbstractEventLoop
    waiting: asyncio.Queue[str] = field(default_factory=lambda: asyncio.Queue(WAITING_MOST))
    too_slow: asyncio.Event = field(default_factory=asyncio.Event)

    def put(self, message: str) -> None:
        """Queue a message, in the loop's own thread; who lags too far behind is let go."""
        if self.waiting.full():
            self.too_slow.set()
        else:
            self.waiting.put_nowait(message)


class Hub:
    """Everybody who is connected to this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._clients: set[Client] = set()

    @property
    def count(self) -> int:
        """How many connections."""
        return len(self._clients)

    def join(self, client: Client) -> bool:
        """Let a client in; False where there are too many, of one user or at all."""
        with self._lock:
            own = sum(other.reader.user_id == client.reader.user_id for other in self._clients)
            if len(self._clients) >= CLIENTS_MOST or own >= CLIENTS_OF_ONE:
                return False
            self._clients.add(client)
            return True

    def leave(self, client: Client) -> None:
        """A client is gone."""
        with self._lock:
            self._clients.discard(client)

    def push(self, told: Iterable[Notification]) -> None:
        """Send each notification to everybody it concerns; called from any thread."""
        for one in told:
            message = _invocation(one)
            for client in self._all():
                if one.target.reaches(client.reader, one.category):
                    _hand(client, message)

    def call(self, told: Iterable[Call]) -> None:
        """Send each call to everybody; called from any thread."""
        for one in told:
            said = {
                name: Decimal(str(value)) if name in AMOUNTS else value
                for name, value in one.data.items()
            }
            message = frame({"type": INVOCATION, "target": one.target, "arguments": [said]})
            for client in self._all():
                _hand(client, message)

    def _all(self) -> list[Client]:
        with self._lock:
            return list(self._clients)


def _hand(client: Client, message: str) -> None:
    try:
        client.loop.call_soon_threadsafe(client.put, message)
    except RuntimeError:
        # The loop has ended with its server; nobody is left to hear it.
        log.debug("hub client without a loop")


def _invocation(told: Notification) -> str:
    arguments = [
        {
            "id": told.id,
            "title": told.title,
            "message": told.message,
            "type": told.type,
            "category": told.category,
            "entityType": told.entity_type or None,
            "entityId": told.entity_id or None,
            "actionUrl": told.link or None,
            "isRead": False,
            "createdAt": told.created_at,
            "readAt": None,
            "createdBy": told.created_by,
            "data": dict(told.data),
        }
    ]
    return frame({"type": INVOCATION, "target": TARGET, "arguments": arguments})


def frame(message: dict[str, Any]) -> str:
    """A message as it goes over the wire."""
    return write(message).decode("ascii") + END
