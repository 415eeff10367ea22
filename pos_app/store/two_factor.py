"""Second factors: the sealed secret of each user, backup codes by hash, sign-ins half done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Integer,
    RowMapping,
    Text,
    delete,
    func,
    insert,
    select,
    update,
)

from pos_app.store.schema import Id, Instant, big, table
from pos_app.store.upsert import upsert

# Not enabled is a secret that was shown and not yet proven; its backup codes wait beside it.
two_factors = table(
    "two_factors",
    Column("user_id", Id, primary_key=True),
    Column("secret", Text, nullable=False),  # sealed
    Column("codes", Text, nullable=False),  # sealed until it is enabled, then empty
    Column("last_step", big(), nullable=False),  # the newest step of time that was used
    Column("enabled_at", Instant),
)

backup_codes = table(
    "backup_codes",
    Column("user_id", Id, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("hash", Text, nullable=False),
    Column("used_at", Instant),
)

# One per user: a new sign-in takes the place of one that was left half done.
challenges = table(
    "challenges",
    Column("user_id", Id, primary_key=True),
    Column("hash", Text, nullable=False, unique=True),
    Column("expires_at", Instant, nullable=False),
)


def by_user(connection: Connection, user_id: str, *, lock: bool = False) -> RowMapping | None:
    """The second factor of a user, enabled or not."""
    query = select(two_factors).where(two_factors.c.user_id == user_id)
    return connection.execute(query.with_for_update() if lock else query).mappings().first()


def enabled(connection: Connection, user_ids: Iterable[str]) -> set[str]:
    """Which of these users have a second factor that is in force."""
    wanted = two_factors.c.user_id.in_(list(user_ids)) & two_factors.c.enabled_at.is_not(None)
    return set(connection.execute(select(two_factors.c.user_id).where(wanted)).scalars())


def begin(connection: Connection, row: Mapping[str, Any]) -> None:
    """Keep a secret that was shown; one that was never proven goes."""
    upsert(connection, two_factors, [{"last_step": 0, "enabled_at": None, **row}])


def enable(connection: Connection, user_id: str, *, secret: str, at: datetime) -> bool:
    """Put a proven secret in force; False when it is another one by now, or in force already."""
    mine = (two_factors.c.user_id == user_id) & two_factors.c.enabled_at.is_(None)
    changed = update(two_factors).where(mine, two_factors.c.secret == secret)
    return connection.execute(changed.values(enabled_at=at, codes="")).rowcount == 1


def take_step(connection: Connection, user_id: str, step: int) -> bool:
    """Use a step of time; False when it or a later one was used (ASVS 5.0 6.5.1)."""
    mine = (two_factors.c.user_id == user_id) & (two_factors.c.last_step < step)
    return connection.execute(update(two_factors).where(mine).values(last_step=step)).rowcount == 1


def drop(connection: Connection, user_id: str) -> bool:
    """Forget a second factor with its codes and whatever waits for it; False when there is none."""
    for made in (backup_codes, challenges):
        connection.execute(delete(made).where(made.c.user_id == user_id))
    gone = delete(two_factors).where(two_factors.c.user_id == user_id)
    return connection.execute(gone).rowcount == 1


def replace_codes(connection: Connection, user_id: str, hashes: Mapping[int, str]) -> None:
    """Put new backup codes in the place of all there were."""
    connection.execute(delete(backup_codes).where(backup_codes.c.user_id == user_id))
    rows = [{"user_id": user_id, "number": number, "hash": made} for number, made in hashes.items()]
    connection.execute(insert(backup_codes), rows)


def code_hash(connection: Connection, user_id: str, number: int) -> str:
    """The verifier of an unused backup code, empty when there is none."""
    mine = (backup_codes.c.user_id == user_id) & (backup_codes.c.number == number)
    query = select(backup_codes.c.hash).where(mine, backup_codes.c.used_at.is_(None))
    return str(connection.execute(query).scalar() or "")


def use_code(connection: Connection, user_id: str, number: int, *, at: datetime) -> bool:
    """Use a backup code up; False when it was used before."""
    mine = (backup_codes.c.user_id == user_id) & (backup_codes.c.number == number)
    used = update(backup_codes).where(mine, backup_codes.c.used_at.is_(None)).values(used_at=at)
    return connection.execute(used).rowcount == 1


def codes_left(connection: Connection, user_id: str) -> int:
    """How many backup codes a user has left."""
    mine = (backup_codes.c.user_id == user_id) & backup_codes.c.used_at.is_(None)
    return int(
        connection.execute(select(func.count()).select_from(backup_codes).where(mine)).scalar_one()
    )


def challenge(connection: Connection, row: Mapping[str, Any]) -> None:
    """Keep a sign-in that waits for its code, in the place of an older one."""
    upsert(connection, challenges, [row])


def challenged(connection: Connection, token_hash: str, *, now: datetime) -> str:
    """Whose sign-in waits under this token, empty when none does any more."""
    mine = (challenges.c.hash == token_hash) & (challenges.c.expires_at > now)
    return str(connection.execute(select(challenges.c.user_id).where(mine)).scalar() or "")


def drop_challenge(connection: Connection, user_id: str) -> None:
    """Forget whatever sign-in of a user waits for its code."""
    connection.execute(delete(challenges).where(challenges.c.user_id == user_id))


def end_challenge(connection: Connection, token_hash: str) -> bool:
    """Forget a sign-in that waited; False when somebody else ended it."""
    gone = delete(challenges).where(challenges.c.hash == token_hash)
    return connection.execute(gone).rowcount == 1
