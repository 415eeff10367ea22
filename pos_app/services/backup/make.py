"""Make a backup while the shop works, read all of it back, and only then call it one.

Nothing counts before it was opened again: pages and foreign keys looked at, every row counted and
digested against what was in the database at that moment (production lesson L93).
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from pos_app.domain.backup import (
    DESCRIPTION_LONGEST,
    BackupCause,
    BackupDamaged,
    BackupRunning,
    BackupState,
    BackupType,
)
from pos_app.domain.permission import Actor
from pos_app.domain.webhook import WebhookEvent
from pos_app.errors import MalformedInput, PosError, StaleRecord
from pos_app.services.backup import view
from pos_app.services.backup.view import Backup
from pos_app.services.shop import Shop
from pos_app.services.webhook import event as webhook_event
from pos_app.store import audit, migrate
from pos_app.store import backup as rows
from pos_app.store.archive import load, pack, postgres, sqlite
from pos_app.store.archive.content import differing, shapes
from pos_app.store.archive.manifest import Manifest
from pos_app.store.engine import open_store
from pos_app.store.fault import UniqueViolation
from pos_app.store.tables import all_tables

DATABASE, CONFIG, SECRETS = "database.db", "config.toml", "secrets.json"
LEASE = timedelta(minutes=30)
"""As long as nothing is heard of a maker before it counts as dead."""

BY_PLAN = "plan"
WORK = "backup"
"""One backup is made at a time, so that one place is enough, and is swept by the next."""

_WORK = ".making-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What belongs to a till or server beside its database.

    Attributes:
        config: its settings file, where it is known.
        secrets: the folder of its secrets; they go into encrypted backups alone.
        identity: an age identity that opens what was encrypted, to prove it; else empty.
    """

    config: Path | None = None
    secrets: Path | None = None
    identity: str = field(default="", repr=False)


def make(
    shop: Shop,
    actor: Actor | None,
    *,
    type: BackupType = BackupType.FULL,  # noqa: A002 - the contract's word
    description: str = "",
    target: Path | None = None,
    beside: Beside | None = None,
) -> Backup:
    """Make one backup and look at it; the shop goes on selling meanwhile.

    Args:
        shop: the till or server.
        actor: who wants it, None for the plan.
        type: what was asked for; every backup is whole.
        description: words for people.
        target: a folder or a new file instead of the settings' folder.
        beside: what goes in beside the database.

    Raises:
        BackupRunning: another one is being made.
        BackupsNowhere: no folder is set.
        DiskFull, BackupFolderUnusable, BackupDamaged: nothing was kept; the reason stays with its
            number.
    """
    if len(description) > DESCRIPTION_LONGEST:
        raise MalformedInput("The description", f"is longer than {DESCRIPTION_LONGEST} letters")
    place = target or view.folder_of(shop)
    number, name = _begin(shop, actor, type=type, description=description, target=target)
    try:
        folder = place if target is None or target.is_dir() else target.parent
        with pack.room(folder):
            folder.mkdir(parents=True, exist_ok=True)
            final = folder / name if folder == place else place
            with workplace(folder, WORK) as work:
                size, digest = _make(shop, number, work, final, beside or Beside())
    except BaseException as error:
        _fail(shop, number, error)
        raise
    return _end(shop, number, size=size, digest=digest)


def _begin(
    shop: Shop,
    actor: Actor | None,
    *,
    type: BackupType,  # noqa: A002
    description: str,
    target: Path | None,
) -> tuple[int, str]:
    now = shop.clock.now()
    words = f"{description} (kept as {target})".strip() if target else description
    row = {
        "name": name_of(shop, now),
        "type": type.value,
        "cause": BackupCause.PERSON if actor is not None else BackupCause.PLAN,
        "state": BackupState.IN_PROGRESS,
        "description": words,
        "user_id": actor.user_id if actor else "",
        "username": actor.username if actor else BY_PLAN,
        "started_at": now,
        "lease_until": now + LEASE,
    }
    try:
        with shop.store.write() as connection:
            _bury(shop, connection)
            number = rows.begin(connection, row)
    except UniqueViolation as error:
        raise BackupRunning from error
    return number, str(row["name"])


def give_up(shop: Shop) -> None:
    """Call one failed whose maker died, and tell so once, whichever process sees it."""
    with shop.store.read() as connection:
        if not rows.has_dead(connection, shop.clock.now()):
            return
    with shop.store.write() as connection:
        _bury(shop, connection)


def _bury(shop: Shop, connection: Connection) -> None:
    problem = "Whoever made it ended in the middle."
    for number in rows.give_up(connection, now=shop.clock.now(), problem=problem):
        _tell_failed(shop, connection, number, problem)


def name_of(shop: Shop, now: datetime) -> str:
    """The name of a backup of this moment; two of the same moment differ."""
    mark = shop.ids.new()[-6:]
    end = pack.ENCRYPTED if shop.rules.backup.recipients else ""
    return f"{view.NAME}{now:%Y%m%d_%H%M%S}_{mark}.zip{end}"


@contextmanager
def workplace(folder: Path, name: str) -> Iterator[Path]:
    """A folder for what is not finished, gone afterwards; so is what a dead process left there."""
    work = folder / f"{_WORK}{name}"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(mode=0o700)
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _make(shop: Shop, number: int, work: Path, final: Path, beside: Beside) -> tuple[int, str]:
    tick = partial(_tick, shop, number)
    if shop.store.path is not None:
        pack.need(work, 2 * shop.store.path.stat().st_size)
    made = _copy(shop, number, work, beside, tick)
    archive = work / "backup.zip"
    pack.pack(archive, made, work)
    tick()
    for name in made.files:
        (work / name).unlink()
    done = _sealed(shop, archive)
    prove(_opened(done, archive, beside), work, tick)
    tick()
    size, digest = done.stat().st_size, pack.digest(done)
    pack.keep(done, final)
    return size, digest


def _copy(
    shop: Shop, number: int, work: Path, beside: Beside, tick: Callable[[], None]
) -> Manifest:
    """Every file of the backup in the workplace, and what is in them."""
    made_at = shop.clock.now()
    known = shapes(all_tables())
    counters: Mapping[str, int] = {}
    if shop.store.dialect == "sqlite":
        contents = sqlite.snapshot(shop.store, work / DATABASE, known, tick=tick)
        counters = sqlite.counters_of(work / DATABASE)
        names = [DATABASE]
    else:
        contents, counters = postgres.snapshot(shop.store, work, known, tick=tick)
        names = [postgres.file_name(shape) for shape in known]
    with shop.store.read() as connection:
        row = rows.by_number(connection, number)
    names += _beside(shop, work, beside)
    return Manifest(
        dialect=shop.store.dialect,
        schema=migrate.head(),
        role=shop.rules.role,
        owner=shop.rules.till,
        made_at=made_at,
        type=row["type"] if row else "",
        description=row["description"] if row else "",
        shapes=known,
        contents=contents,
        files=pack.files_of(work, names),
        counters=counters,
    )


def _beside(shop: Shop, work: Path, beside: Beside) -> list[str]:
    """Settings go in as they are; secrets only where the whole is encrypted."""
    names = []
    if beside.config is not None and beside.config.is_file():
        shutil.copyfile(beside.config, work / CONFIG)
        names.append(CONFIG)
    if beside.secrets is not None and beside.secrets.is_dir() and shop.rules.backup.recipients:
        kept = {
            path.name: path.read_text(encoding="utf-8")
            for path in sorted(beside.secrets.iterdir())
            if path.is_file()
        }
        (work / SECRETS).write_text(json.dumps(kept), encoding="utf-8")
        names.append(SECRETS)
    return names


def _sealed(shop: Shop, archive: Path) -> Path:
    if not shop.rules.backup.recipients:
        return archive
    sealed = archive.with_name(archive.name + pack.ENCRYPTED)
    pack.encrypt(archive, sealed, shop.rules.backup.recipients)
    return sealed


def _opened(done: Path, archive: Path, beside: Beside) -> Path:
    """The archive as it can be read: decrypted again where this machine has the key."""
    if done == archive or not beside.identity:
        return archive
    opened = archive.with_name("opened.zip")
    pack.decrypt(done, opened, beside.identity)
    return opened


def prove(archive: Path, work: Path, tick: Callable[[], None] = lambda: None) -> Manifest:
    """Open a backup and restore it into a database of its own, to the last row.

    Args:
        archive: not encrypted.
        work: a folder for it, which is emptied by whoever made it.
        tick: called now and then.

    Raises:
        BackupDamaged: it is not whole.
        DiskFull: there is no room to look.
    """
    inside = work / "proof"
    inside.mkdir()
    try:
        made = pack.unpack(archive, inside)
        if made.dialect == "sqlite":
            found = sqlite.examine(inside / DATABASE, made.shapes, tick=tick)
            wrong = differing(made.contents, found)
            if wrong:
                problem = f"the rows of {', '.join(wrong)} are not those it was made of"
                raise BackupDamaged(archive.name, problem)
        else:
            fill_file(made, inside, inside / "scratch.db")
        return made
    finally:
        shutil.rmtree(inside, ignore_errors=True)


def fill_file(made: Manifest, folder: Path, path: Path) -> None:
    """Fill a new SQLite file with the rows of a PostgreSQL backup that lies in a folder.

    Raises:
        BackupDamaged: rows are missing, point nowhere, or are not what they were.
    """
    with open_store(path, synchronous="OFF") as store, store.restructure() as connection:
        schema(connection, made.schema)
        load.fill(
            connection,
            made.shapes,
            lambda shape: postgres.rows(folder / postgres.file_name(shape), shape),
            counters=made.counters,
        )
        load.check(connection, made.shapes, made.contents, "of PostgreSQL")


def schema(connection: Connection, version: str) -> None:
    """Make the tables of a version in an empty database."""
    if version == migrate.head():
        migrate.create(connection)
    else:
        migrate.run_steps(connection, version)


def _tick(shop: Shop, number: int) -> None:
    """Say that the work goes on.

    Raises:
        StaleRecord: it was given up meanwhile.
    """
    with shop.store.write() as connection:
        if not rows.change(connection, number, {"lease_until": shop.clock.now() + LEASE}):
            raise StaleRecord("backup", str(number))


def _fail(shop: Shop, number: int, error: BaseException) -> None:
    told = error.sentence if isinstance(error, PosError) else f"{type(error).__name__}: {error}"
    values = {"state": BackupState.FAILED, "problem": told, "ended_at": shop.clock.now()}
    # What went wrong first is what counts; on a full disk this cannot be written either.
    with suppress(PosError), shop.store.write() as connection:
        # One that was given up meanwhile was told already.
        if rows.change(connection, number, values):
            _tell_failed(shop, connection, number, told)


def _tell_failed(shop: Shop, connection: Connection, number: int, problem: str) -> None:
    data = {"id": number, "problem": problem}
    webhook_event.tell(shop, connection, WebhookEvent.BACKUP_FAILED, subject=str(number), data=data)


def _end(shop: Shop, number: int, *, size: int, digest: str) -> Backup:
    now = shop.clock.now()
    values = {"state": BackupState.COMPLETED, "size": size, "digest": digest, "ended_at": now}
    with shop.store.write() as connection:
        if not rows.change(connection, number, values):
            raise StaleRecord("backup", str(number))
        row = rows.by_number(connection, number)
        assert row is not None  # noqa: S101 - changed above
        rows.note(connection, row["started_at"])
        audit.append(
            connection,
            at=now,
            actor=row["username"],
            action="backup.make",
            subject=row["name"],
            details={"size": size, "digest": digest},
        )
        webhook_event.tell(
            shop,
            connection,
            WebhookEvent.BACKUP_COMPLETED,
            subject=row["name"],
            data={"id": number, "fileName": row["name"], "sizeBytes": size, "sha256": digest},
        )
    return view.of_row(row)
