"""Restore a backup: look at all of it, make its database beside the old one, then change places.

What was there is kept aside. The restored till is a new life of itself: the server fences the old
one, and nothing is sold before the fiscal device has been met, which may know receipts that the
backup does not (production lesson L16). A restored server opens a new epoch, so that tills deliver
again what it has lost.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import Connection

from pos_app.clock import Clock, business_date
from pos_app.domain.backup import (
    BackupDamaged,
    BackupKeyMissing,
    BackupOfAnother,
    BackupState,
    StillInUse,
)
from pos_app.ids import Ids
from pos_app.services import fiscal_away, sync
from pos_app.services.backup import make
from pos_app.services.backup.make import CONFIG, DATABASE, SECRETS
from pos_app.services.shop import Rules, Shop
from pos_app.store import audit, feed, idempotency, migrate, session
from pos_app.store import backup as rows
from pos_app.store import prompt as prompts
from pos_app.store.archive import given, load, lost, pack, place, postgres, sqlite, used
from pos_app.store.archive.content import Shape, differing, shapes
from pos_app.store.archive.lost import Lost
from pos_app.store.archive.manifest import Manifest
from pos_app.store.engine import Store, open_store
from pos_app.store.schema import to_microseconds
from pos_app.store.tables import all_tables

WHO = "restore"
LOCK = ".restoring.lock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What is restored into.

    Attributes:
        database: a file, or the address of a PostgreSQL database.
        folder: where the settings lie; work is done there.
        rules: whose backup it must be.
        is_last: nothing was done after the backup was made, as when a server moves.
    """

    database: Path | str
    folder: Path
    rules: Rules
    clock: Clock
    ids: Ids
    identity: str = field(default="", repr=False)
    is_last: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What a restore has done.

    Attributes:
        made_at: of when the books are now.
        aside: where the old books are; empty where there were none.
        lost: what was in the old books and is not in the backup; None where nobody could look.
        skipped: how many numbers and ids of each kind are left out at least because of that.
        has_references: whether references that programs used after the backup are refused.
    """

    name: str
    made_at: datetime
    rows: int
    aside: str
    lost: Lost | None
    skipped: int = 0
    has_references: bool = True


def restore(backup: Path, target: Target) -> Restored:
    """Make a backup the books of this till or server.

    Raises:
        BackupDamaged, BackupKeyMissing, BackupOfAnother: this one cannot be; nothing was changed.
        StillInUse: somebody works on the old books; nothing was changed.
        DiskFull: there is no room; nothing was changed.
    """
    if not backup.is_file():
        raise BackupDamaged(backup.name, "there is no such file")
    with _workplace(target.folder) as work, pack.room(work):
        archive = opened(backup, work, target.identity)
        made = pack.unpack(archive, work)
        check_owner(made, target.rules, backup.name)
        digest = pack.digest(backup)
        known = _Known(name=backup.name, size=backup.stat().st_size, digest=digest, made=made)
        if isinstance(target.database, Path):
            return _into_file(target.database, target, work, known)
        return _into_postgres(target.database, target, work, known)


def opened(backup: Path, work: Path, identity: str) -> Path:
    """The archive of a backup, decrypted if it has to be."""
    if not pack.is_encrypted(backup):
        return backup
    if not identity:
        raise BackupKeyMissing(backup.name)
    archive = work / "opened.zip"
    pack.decrypt(backup, archive, identity)
    return archive


def check_owner(made: Manifest, rules: Rules, name: str) -> None:
    """Refuse the books of somebody else, and those only a newer program can read.

    Raises:
        BackupOfAnother: they are somebody else's.
        BackupDamaged: they are a newer program's.
    """
    if made.schema > migrate.head():
        raise BackupDamaged(name, f"a newer program made it (schema {made.schema})")
    if (made.role, made.owner) != (rules.role, rules.till):
        raise BackupOfAnother(f"{made.role} {made.owner}", f"{rules.role} {rules.till}")


def bring_beside(backup: Path, config: Path, identity: str) -> list[Path]:
    """Write settings and secrets out of a backup where there are none, for a new machine.

    Returns:
        The files that were written.
    """
    with _workplace(config.parent) as work:
        made = pack.unpack(opened(backup, work, identity), work)
        written = []
        if CONFIG in made.files and not config.exists():
            (work / CONFIG).replace(config)
            written.append(config)
        if SECRETS in made.files:
            written += _bring_secrets(work / SECRETS, config.parent / "secrets")
        return written


@contextmanager
def _workplace(folder: Path) -> Iterator[Path]:
    """One restore at a time in a folder; what a killed one left there is cleared away.

    The lock dies with its process, so the copy of the books it left belongs to nobody.

    Raises:
        StillInUse: another restore is at work there.
    """
    lock = FileLock(folder / LOCK, mode=0o600, fallback_to_soft=False)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise StillInUse(str(folder)) from error
    try:
        with make.workplace(folder, "restore") as work:
            yield work
    finally:
        lock.release()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    name: str
    size: int
    digest: str
    made: Manifest


def _bring_secrets(kept: Path, folder: Path) -> list[Path]:
    written = []
    folder.mkdir(mode=0o700, exist_ok=True)
    secrets: Mapping[str, str] = json.loads(kept.read_text(encoding="utf-8"))
    for name, value in secrets.items():
        path = folder / Path(name).name
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(value, encoding="utf-8")
            written.append(path)
    return written


def _into_file(path: Path, target: Target, work: Path, known: _Known) -> Restored:
    fresh = work / DATABASE
    if known.made.dialect == "sqlite":
        wrong = differing(known.made.contents, sqlite.examine(fresh, known.made.shapes))
        if wrong:
            problem = f"the rows of {', '.join(wrong)} are not those it was made of"
            raise BackupDamaged(known.name, problem)
    else:
        make.fill_file(known.made, work, fresh)
    aside = path.with_name(f"{path.stem}.before-restore-{_mark(target)}{path.suffix}")
    with place.alone(path) as old:
        with open_store(fresh) as store:
            migrate.upgrade(store)
            with store.write() as connection:
                _, head = audit.head(connection)
                was = None if old is None else given.of_file(old, head)
                _begin(connection, store, target, known)
                skipped = _go_on(connection, target, known, was)
                is_told = _take_over(connection, target, used.of_file(old) if was else None)
        place.replace_file(fresh, path, aside)
    missing = None if old is None else lost.of_files(aside, path)
    return _restored(
        known, "" if old is None else str(aside), missing, skipped=skipped, is_told=is_told
    )


def _into_postgres(address: str, target: Target, work: Path, known: _Known) -> Restored:
    schema = f"before_restore_{_mark(target).replace('-', '_')}"
    made = known.made
    with open_store(address) as store, store.restructure() as connection:
        place.check_alone(connection, store.place)
        was_there = place.move_aside(connection, schema, store.place)
        make.schema(connection, made.schema)
        load.fill(connection, made.shapes, _rows_of(made, work), counters=made.counters)
        load.check(connection, made.shapes, made.contents, known.name)
        if made.schema != migrate.head():
            migrate.run_steps(connection)
        _, head = audit.head(connection)
        was = given.of_schema(connection, schema, _tables(), head) if was_there else None
        _begin(connection, store, target, known)
        skipped = _go_on(connection, target, known, was)
        is_told = _take_over(
            connection, target, used.of_schema(connection, schema) if was else None
        )
        missing = lost.of_schemas(connection, schema) if was_there else None
    return _restored(
        known,
        f"the schema {schema}" if was_there else "",
        missing,
        skipped=skipped,
        is_told=is_told,
    )


def _rows_of(made: Manifest, work: Path) -> load.RowsOf:
    if made.dialect == "sqlite":
        return lambda shape: sqlite.rows(work / DATABASE, shape)
    return lambda shape: postgres.rows(work / postgres.file_name(shape), shape)


def _begin(connection: Connection, store: Store, target: Target, known: _Known) -> None:
    """What a database is told that has come back, in the transaction that brings it back."""
    now = target.clock.now()
    shop = Shop(store=store, clock=target.clock, ids=target.ids, rules=target.rules)
    if target.rules.role == "till":
        sync.begin_life(connection, shop)
        prompts.doubt(connection, now)
    else:
        feed.begin_anew(connection, target.ids.new())
        session.end_every(connection, at=now, reason="restored")
        if target.rules.fiscal.is_required:
            fiscal_away.forget(connection, now)
    rows.put(connection, _row(known, now))
    rows.note(connection, known.made.made_at)
    audit.append(
        connection,
        at=now,
        actor=WHO,
        action="backup.restore",
        subject=known.name,
        details={"made_at": known.made.made_at.isoformat(), "digest": known.digest},
    )


def _tables() -> tuple[Shape, ...]:
    return shapes(all_tables())


def _go_on(connection: Connection, target: Target, known: _Known, last: given.Given | None) -> int:
    """Give no number again that was given after the backup; return how many were left out.

    A till whose old books cannot be read hears its numbers from its device and its server, and
    nobody keeps the ids of its rows.
    """
    if target.rules.role == "till":
        if last is None:
            return 0
        last = replace(last, ids={})
    elif last is None:
        if target.is_last:
            return 0
        now = target.clock.now()
        last = given.guess(
            connection,
            _tables(),
            till=target.rules.till,
            today=business_date(now, target.rules.zone),
            age=now - known.made.made_at,
        )
    given.go_on(connection, last, _tables(), is_filed=target.rules.fiscal.is_required)
    return last.skipped


def _take_over(connection: Connection, target: Target, old: used.Ask | None) -> bool:
    """Keep what callers used after the backup; False where a server cannot know of it.

    A till hears it from its server, too.
    """
    if old is None:
        return target.rules.role == "till" or target.is_last
    answers = next(shape for shape in _tables() if shape.name == idempotency.idempotency.name)
    now = to_microseconds(target.clock.now())
    return used.take_over(connection, old, answers, role=target.rules.role, now=now)


def _row(known: _Known, now: datetime) -> dict[str, object]:
    """In its own books a backup is still being made: now it is known that it was."""
    return {
        "name": known.name,
        "type": known.made.type,
        "cause": "person",
        "state": BackupState.COMPLETED,
        "description": known.made.description,
        "size": known.size,
        "digest": known.digest,
        "username": WHO,
        "started_at": known.made.made_at,
        "ended_at": now,
        "lease_until": now,
    }


def _mark(target: Target) -> str:
    return f"{target.clock.now():%Y%m%d-%H%M%S}"


def _restored(
    known: _Known, aside: str, missing: Lost | None, *, skipped: int, is_told: bool
) -> Restored:
    made = known.made
    return Restored(
        name=known.name,
        made_at=made.made_at,
        rows=made.rows,
        aside=aside,
        lost=missing,
        skipped=skipped,
        has_references=is_told,
    )
