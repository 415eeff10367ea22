"""One answer per idempotency key: the first request works, every other one hears its answer.

The key is bound to the caller, the method, the path and the content (production lesson L28). A
request that was cut off keeps its claim until the lease ends; whoever takes it over makes the
document under the same identity, so that nothing is made twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping

from pos_app.errors import Conflict, InvalidInput
from pos_app.services.shop import Shop
from pos_app.store import idempotency

LIFE = timedelta(minutes=60)
LEASE = timedelta(minutes=2)
LONGEST_KEY = 200


class KeyMalformed(InvalidInput):
    """The header is not a usable key."""

    code = "idempotency_key_malformed"

    def __init__(self) -> None:
        super().__init__(
            f"The Idempotency-Key is not 1 to {LONGEST_KEY} printable characters: send a UUID."
        )


class KeyReused(Conflict):
    """The key belongs to another request."""

    code = "idempotency_key_reused"

    def __init__(self, key: str) -> None:
        super().__init__(
            f"Idempotency-Key {key[:60]} was used with another content: use a new key.",
            key=key[:60],
        )


class StillAtWork(Conflict):
    """The first request with this key has not been answered yet."""

    code = "idempotency_in_progress"

    def __init__(self, key: str, seconds: int) -> None:
        super().__init__(
            f"The first request with Idempotency-Key {key[:60]} is still at work: "
            "ask again in a moment.",
            key=key[:60],
            retry_after=seconds,
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as its key knows it."""

    principal: str
    method: str
    path: str
    key: str
    request_hash: str

    @property
    def name(self) -> idempotency.Name:
        """What the key is bound to, the content apart."""
        return self.principal, self.method, self.path, self.key


@dataclass(frozen=True, slots=True)
class Claim:
    """The right, and the duty, to do the work of a request.

    Attributes:
        document_id: the identity of what the request makes, the same at every try.
        is_again: an earlier try may have made it.
    """

    token: str
    document_id: str
    is_again: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it was given."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def check_key(key: str) -> str:
    """Return the key if it can be kept.

    Raises:
        KeyMalformed: it is empty, too long or not printable.
    """
    if not (0 < len(key) <= LONGEST_KEY and key.isprintable()):
        raise KeyMalformed
    return key


def claim(shop: Shop, asked: Asked) -> Claim | Reply:
    """Take a request on, or hear the answer given before.

    Raises:
        KeyReused: the key came with another content.
        StillAtWork: the first request is not answered yet.
    """
    now = shop.clock.now()
    fresh = Claim(shop.ids.new(), shop.ids.new())
    with shop.store.write() as connection:
        idempotency.drop_over(connection, asked.name, now)
        values = {"request_hash": asked.request_hash, "created_at": now, **_lease(fresh, now)}
        if idempotency.add(connection, asked.name, values):
            return fresh
        known = idempotency.by_name(connection, asked.name)
        if known is None:
            raise StillAtWork(asked.key, 1)
        return _again(connection, asked, known, fresh=fresh, now=now)


def _lease(taken: Claim, now: datetime) -> dict[str, object]:
    return {
        "claim": taken.token,
        "document_id": taken.document_id,
        "lease_until": now + LEASE,
        "expires_at": now + LIFE,
    }


def _again(
    connection: Connection, asked: Asked, known: RowMapping, *, fresh: Claim, now: datetime
) -> Claim | Reply:
    if known["request_hash"] != asked.request_hash:
        raise KeyReused(asked.key)
    if known["status"] is not None:
        return Reply(known["status"], known["headers"], bytes(known["body"]))
    if now < known["lease_until"]:
        left = known["lease_until"] - now
        raise StillAtWork(asked.key, max(left // timedelta(seconds=1), 1))
    taken = Claim(fresh.token, known["document_id"], is_again=True)
    idempotency.change(connection, asked.name, known["claim"], _lease(taken, now))
    return taken


def finish(shop: Shop, asked: Asked, taken: Claim, reply: Reply) -> bool:
    """Keep the answer for the next hour; False when the claim was lost meanwhile."""
    values = {
        "status": reply.status,
        "headers": dict(reply.headers),
        "body": reply.body,
        "expires_at": shop.clock.now() + LIFE,
    }
    with shop.store.write() as connection:
        return idempotency.change(connection, asked.name, taken.token, values)


def release(shop: Shop, asked: Asked, taken: Claim) -> None:
    """Give the key back: the request failed, and the next one may succeed."""
    with shop.store.write() as connection:
        idempotency.drop(connection, asked.name, taken.token)
