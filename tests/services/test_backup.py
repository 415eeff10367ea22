"""Backups: made while others write, whole or not at all, and restored without a thing twice."""

from __future__ import annotations

import json
import shutil
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pyrage
import pytest
from filelock import FileLock
from sqlalchemy import select, update

from pos_app.domain.backup import (
    BackupDamaged,
    BackupElsewhere,
    BackupFolderUnusable,
    BackupKeyMissing,
    BackupOfAnother,
    BackupRunning,
    BackupState,
    Keep,
    StillInUse,
    due_at,
    next_due,
    surplus,
)
from pos_app.domain.webhook import WebhookEvent
from pos_app.errors import Conflict, DiskFull, RecordNotFound, StaleRecord
from pos_app.ids import SeededIds
from pos_app.services import feed, vitals
from pos_app.services.backup import intent, make, plan, restore, view
from pos_app.services.backup.make import Beside
from pos_app.services.backup.restore import Target
from pos_app.services.check import invariants
from pos_app.services.doctor import books
from pos_app.services.notification.watch import Watcher
from pos_app.services.shop import BackupRules, Shop
from pos_app.store import audit, session, setting, stock
from pos_app.store import backup as rows
from pos_app.store import sale as sales
from pos_app.store.archive import given, pack, place
from pos_app.store.engine import Store, open_store
from tests import shops
from tests.pair import sell
from tests.services.test_webhook import hook, told_of

MANAGER = shops.actor("manager")


def with_backups(shop: Shop, folder: Path, **wanted: Any) -> Shop:
    backup = BackupRules(folder=folder / "backups", **wanted)
    # What a new life owes to its fiscal device is told in test_fiscal_device.py.
    fiscal = replace(shop.rules.fiscal, is_required=False)
    return replace(shop, rules=replace(shop.rules, backup=backup, fiscal=fiscal))


def target(shop: Shop, database: Path | str, folder: Path, **changes: Any) -> Target:
    made = Target(
        database=database,
        folder=folder,
        rules=shop.rules,
        clock=shop.clock,
        ids=SeededIds(Random(9), shop.clock.now),
    )
    return replace(made, **changes)


def receipts(store: Store) -> list[str]:
    with store.read() as connection:
        return sorted(connection.execute(select(sales.sales.c.receipt)).scalars())


def moved(store: Store) -> list[int]:
    """The ids of the moves of goods: a table that counts by itself."""
    with store.read() as connection:
        kept = stock.stock_moves.c
        query = select(kept.seq).where(kept.document_kind == "sale")
        return list(connection.execute(query).scalars())


@pytest.fixture
def till(sqlite_store: Store, tmp_path: Path) -> Shop:
    shop = with_backups(shops.open_shop(sqlite_store), tmp_path)
    shops.open_till(shop)
    sell(shop, "MILK")
    return shop


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Shop:
    store: Store = request.getfixturevalue(f"{request.param}_store")
    shop = with_backups(shops.open_shop(store, role="server", till="SRV"), tmp_path)
    shops.open_till(shop)
    sell(shop, "MILK")
    return shop


def path_of(shop: Shop, made: view.Backup) -> Path:
    return view.file_of(shop, made)


def test_a_backup_is_whole_and_noted(server: Shop, tmp_path: Path) -> None:
    made = make.make(server, MANAGER, description="Before the weekend")
    path = path_of(server, made)
    assert (made.state, made.size) == (BackupState.COMPLETED, path.stat().st_size)
    assert made.digest == pack.digest(path)
    assert path.stat().st_mode & 0o077 == 0
    said = pack.look(path)
    assert (said.role, said.owner, said.contents["sales"].rows) == ("server", "SRV", 1)
    assert [left.name for left in path.parent.iterdir()] == [path.name]
    assert books.backup(server).state == "ok"
    assert view.totals(server).good == 1


def test_a_restored_server_knows_what_it_knew(server: Shop, tmp_path: Path) -> None:
    made = make.make(server, MANAGER)
    sell(server, "BREAD")
    with server.store.write() as connection:
        feed.feed.begin(connection, "first")
        now = server.clock.now()
        session.begin(connection, _session(now))
    again = _restored_beside(server, made, tmp_path)
    with open_store(again) as store:
        assert receipts(store) == ["SRV-000001"]
        with store.read() as connection:
            assert feed.feed.head(connection)["epoch"] not in ("", "first")
            known = rows.page(connection, limit=5, offset=0)
        assert [(row["name"], row["state"]) for row in known] == [(made.name, "Completed")]
        sell(replace(server, store=store), "BREAD")


def _session(now: datetime) -> dict[str, Any]:
    ends = now + timedelta(days=7)
    return {
        "id": "S1", "user_id": "U-manager", "step": 1, "created_at": now, "used_at": now,
        "expires_at": ends,
    }  # fmt: skip


def _restored_beside(server: Shop, made: view.Backup, folder: Path) -> Path:
    """Restored into a SQLite file of its own, whichever database it came from."""
    done = restore.restore(path_of(server, made), target(server, folder / "again.db", folder))
    assert (done.aside, done.lost) == ("", None)
    return folder / "again.db"


@pytest.mark.postgres
def test_a_restore_into_postgres_is_one_transaction_from_either_database(
    sqlite_store: Store, postgres_store: Store, tmp_path: Path, empty_postgres_url: str
) -> None:
    shop = with_backups(shops.open_shop(postgres_store, role="server", till="SRV"), tmp_path)
    shops.open_till(shop)
    sell(shop, "MILK")
    made = make.make(shop, MANAGER)
    wanted = target(shop, empty_postgres_url, tmp_path)
    first = restore.restore(path_of(shop, made), replace(wanted, is_last=True))
    assert (first.aside, first.lost) == ("", None)
    with open_store(empty_postgres_url) as store:
        assert sell(replace(shop, store=store), "MILK").receipt == "SRV-000002"
        with pytest.raises(StillInUse):
            restore.restore(path_of(shop, made), wanted)
        assert receipts(store) == ["SRV-000001", "SRV-000002"]
    other = with_backups(
        shops.open_shop(sqlite_store, role="server", till="SRV"), tmp_path / "other"
    )
    shops.open_till(other)
    sell(other, "MILK")
    again = restore.restore(path_of(other, make.make(other, MANAGER)), wanted)
    assert again.aside.startswith("the schema before_restore_")
    assert again.lost == {"sales": ("SRV-000002",)}
    with open_store(empty_postgres_url) as store:
        assert receipts(store) == ["SRV-000001"]
        # The books kept aside gave the second number to somebody.
        assert sell(replace(other, store=store), "MILK").receipt == "SRV-000003"


def test_a_till_is_not_restored_under_its_own_feet(till: Shop, tmp_path: Path) -> None:
    made = make.make(till, MANAGER)
    path, database = path_of(till, made), till.store.path
    assert database is not None
    sell(till, "MILK")
    with pytest.raises(StillInUse):
        restore.restore(path, target(till, database, tmp_path))
    sell(till, "MILK")
    till.store.close()
    done = restore.restore(path, target(till, database, tmp_path))
    assert done.lost == {"sales": ("T01-000002", "T01-000003")}
    with open_store(Path(done.aside)) as old:
        assert len(receipts(old)) == 3
    with open_store(database) as store, store.read() as connection:
        assert receipts(store) == ["T01-000001"]
        assert [row["action"] for row in audit.about(connection, made.name)] == ["backup.restore"]
    assert not list(tmp_path.glob(".restoring-*"))


def test_an_old_database_that_is_none_is_kept_aside(till: Shop, tmp_path: Path) -> None:
    made = make.make(till, MANAGER)
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"no database at all" * 1000)
    broken.with_name("broken.db-wal").write_bytes(b"left over")
    done = restore.restore(path_of(till, made), target(till, broken, tmp_path))
    assert done.lost is None
    assert Path(done.aside).read_bytes().startswith(b"no database")
    assert not broken.with_name("broken.db-wal").exists()
    with open_store(broken) as store:
        assert receipts(store) == ["T01-000001"]


@pytest.fixture
def lone(sqlite_store: Store, tmp_path: Path) -> Shop:
    """A server on a file, without a fiscal device."""
    shop = with_backups(shops.open_shop(sqlite_store, role="server", till="SRV"), tmp_path)
    shops.open_till(shop)
    sell(shop, "MILK")
    return shop


def _count(shop: Shop, **series: int) -> None:
    with shop.store.write() as connection:
        for name, last in series.items():
            setting.at_least(connection, name.replace("__", ":"), last)


def test_a_restored_server_gives_no_number_again_that_came_after_the_backup(
    lone: Shop, tmp_path: Path
) -> None:
    database = lone.store.path
    assert database is not None
    path = path_of(lone, make.make(lone, MANAGER))
    for _ in range(2):
        sell(lone, "MILK")
    ids = moved(lone.store)
    _count(lone, transfer=7, audit=400)
    lone.store.close()
    done = restore.restore(path, target(lone, database, tmp_path))
    assert (done.lost, done.skipped) == ({"sales": ("SRV-000002", "SRV-000003")}, 0)
    with open_store(database) as store:
        shop = replace(lone, store=store)
        with store.write() as connection:
            assert setting.next_number(connection, "transfer") == 8
        assert sell(shop, "MILK").receipt == "SRV-000004"
        assert max(moved(store)) == max(ids) + 1
        assert invariants.check(shop) == []


@pytest.mark.parametrize("old", ["nothing", "begun anew"])
def test_numbers_and_ids_go_on_far_behind_where_nobody_knows_what_was_given(
    lone: Shop, tmp_path: Path, sqlite_template: Path, old: str
) -> None:
    path = path_of(lone, make.make(lone, MANAGER))
    known = max(moved(lone.store))
    there = tmp_path / "there.db"
    if old == "begun anew":  # somebody started the server after the loss
        shutil.copy(sqlite_template, there)
    lone.clock.sleep(50 * 3600)
    done = restore.restore(path, target(lone, there, tmp_path))
    assert done.skipped == 3 * given.STRETCH
    with open_store(there) as store:
        assert sell(replace(lone, store=store), "MILK").receipt == "SRV-003002"
        assert max(moved(store)) > known + 3 * given.STRETCH
    moves = replace(target(lone, tmp_path / "moved.db", tmp_path), is_last=True)
    assert restore.restore(path, moves).skipped == 0
    with open_store(tmp_path / "moved.db") as store:
        assert sell(replace(lone, store=store), "MILK").receipt == "SRV-000002"
        assert max(moved(store)) == known + 1


def test_numbers_go_on_far_behind_the_backup_where_the_old_books_are_no_more(
    lone: Shop, tmp_path: Path
) -> None:
    _count(lone, transfer=7, purchase__20260331=4, credit_note__20200101=9)
    path = path_of(lone, make.make(lone, MANAGER))
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"no database at all" * 1000)
    done = restore.restore(path, target(lone, broken, tmp_path))
    assert (done.lost, done.skipped) == (None, given.STRETCH)
    with open_store(broken) as store:
        shop = replace(lone, store=store)
        with store.write() as connection:
            today = f"purchase:{shop.today:%Y%m%d}"
            numbers = [setting.next_number(connection, name) for name in ("transfer", today)]
        assert numbers == [1008, 1001]
        assert sell(shop, "MILK").receipt == "SRV-001002"
        assert invariants.check(shop) == []


def test_somebody_elses_backup_is_refused(till: Shop, tmp_path: Path) -> None:
    made = make.make(till, MANAGER)
    other = replace(till, rules=replace(till.rules, till="T02"))
    with pytest.raises(BackupOfAnother):
        restore.restore(path_of(till, made), target(other, tmp_path / "other.db", tmp_path))
    assert not (tmp_path / "other.db").exists()


def _rewritten(path: Path, folder: Path, **files: bytes) -> Path:
    """The same archive with other files in it."""
    made = folder / "changed.zip"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            new.writestr(name, files.get(name.replace(".", "_"), old.read(name)))
    return made


def test_a_damaged_backup_is_never_restored(till: Shop, tmp_path: Path) -> None:
    path = path_of(till, make.make(till, MANAGER))
    whole = path.read_bytes()
    said = json.loads(zipfile.ZipFile(path).read("manifest.json"))
    other = json.dumps(said | {"contents": said["contents"] | {"sales": {"rows": 0, "digest": ""}}})
    upwards = json.dumps(said | {"files": {"../out.db": said["files"]["database.db"]}})
    parent = json.dumps(said | {"files": {"..": said["files"]["database.db"]}})
    cases = {
        "short": whole[: len(whole) // 2],
        "nothing": b"",
        "text": b"hello",
        "newer": _rewritten(
            path, tmp_path, manifest_json=json.dumps(said | {"format": 2}).encode()
        ).read_bytes(),
        "newer schema": _rewritten(
            path, tmp_path, manifest_json=json.dumps(said | {"schema": "9999"}).encode()
        ).read_bytes(),
        "parent": _rewritten(path, tmp_path, manifest_json=parent.encode()).read_bytes(),
        "rows": _rewritten(path, tmp_path, manifest_json=other.encode()).read_bytes(),
        "upwards": _rewritten(path, tmp_path, manifest_json=upwards.encode()).read_bytes(),
        "swapped": _rewritten(path, tmp_path, database_db=b"x" * 4096).read_bytes(),
    }
    wanted = target(till, tmp_path / "again.db", tmp_path)
    for name, content in cases.items():
        broken = tmp_path / f"{name}.zip"
        broken.write_bytes(content)
        with pytest.raises(BackupDamaged):
            restore.restore(broken, wanted)
        assert not (tmp_path / "again.db").exists(), name
    assert not (tmp_path.parent / "out.db").exists()


def test_a_flipped_bit_is_found_wherever_it_is(tmp_path: Path) -> None:
    rng = Random(1)
    (tmp_path / "a").write_bytes(rng.randbytes(300) + b"row " * 300)
    said = {"files": pack.files_of(tmp_path, ["a"]), "contents": {}, "shapes": [], "format": 1}
    words = ("dialect", "schema", "role", "owner", "type", "description")
    said |= dict.fromkeys(words, "") | {"made_at": "2026-11-02T06:00:00+00:00", "counters": {}}
    with zipfile.ZipFile(tmp_path / "whole.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", json.dumps(said))
        archive.write(tmp_path / "a", "a")
    whole = (tmp_path / "whole.zip").read_bytes()
    work, torn, damaged = tmp_path / "work", tmp_path / "torn.zip", 0
    work.mkdir()
    pack.unpack(tmp_path / "whole.zip", work)
    places = range(0, len(whole), 3)
    for place_of_it in places:
        changed = bytearray(whole)
        changed[place_of_it] ^= 1 << rng.randrange(8)
        torn.write_bytes(changed)
        try:
            pack.unpack(torn, work)
        except BackupDamaged:
            damaged += 1
        else:  # a bit that means nothing: a time, an attribute
            assert pack.digest(work / "a") == said["files"]["a"]  # type: ignore[index]
    assert damaged > len(places) * 0.8


def test_what_a_killed_restore_left_is_cleared_away(till: Shop, tmp_path: Path) -> None:
    path = path_of(till, make.make(till, MANAGER))
    wanted = target(till, tmp_path / "again.db", tmp_path)
    with make.workplace(tmp_path, "restore") as work:
        killed = work
    killed.mkdir()
    (killed / "database.db").write_bytes(b"the books")
    with FileLock(tmp_path / restore.LOCK), pytest.raises(StillInUse):
        restore.restore(path, wanted)
    assert (killed / "database.db").exists()
    restore.restore(path, wanted)
    assert not killed.exists()


def test_an_encrypted_backup_opens_with_its_key_alone(till: Shop, tmp_path: Path) -> None:
    key, other = (pyrage.x25519.Identity.generate() for _ in range(2))
    sealed = with_backups(till, tmp_path, recipients=(str(key.to_public()),))
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "jwt").write_text("not for everybody")
    config = tmp_path / "till.toml"
    config.write_text("role = 'till'")
    beside = Beside(config=config, secrets=tmp_path / "secrets", identity=str(key))
    path = path_of(sealed, make.make(sealed, MANAGER, beside=beside))
    assert path.suffix == ".age"
    assert b"manifest" not in path.read_bytes()
    wanted = target(sealed, tmp_path / "again.db", tmp_path)
    for wrong in ("", str(other), "nonsense"):
        with pytest.raises(BackupKeyMissing):
            restore.restore(path, replace(wanted, identity=wrong))
    torn = tmp_path / "torn.age"
    torn.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(BackupDamaged):
        restore.restore(torn, replace(wanted, identity=str(key)))
    restore.restore(path, replace(wanted, identity=str(key)))
    spare = tmp_path / "spare"
    spare.mkdir()
    written = restore.bring_beside(path, spare / "till.toml", str(key))
    assert [each.name for each in written] == ["till.toml", "jwt"]
    assert (spare / "secrets" / "jwt").stat().st_mode & 0o077 == 0


def test_one_backup_at_a_time_and_a_dead_maker_is_forgotten(till: Shop) -> None:
    number, _ = make._begin(till, MANAGER, type=make.BackupType.FULL, description="", target=None)
    with pytest.raises(BackupRunning):
        make.make(till, MANAGER)
    with pytest.raises(BackupRunning):
        plan.remove(till, MANAGER, number)
    till.clock.sleep(make.LEASE.total_seconds() + 1)
    assert make.make(till, MANAGER).state is BackupState.COMPLETED
    assert "ended in the middle" in view.by_number(till, number).problem
    assert not rows_change(till, number)


def test_a_maker_that_died_is_told_once_and_seen(server: Shop, tmp_path: Path) -> None:
    hook(server, WebhookEvent.BACKUP_FAILED)
    shop = with_backups(server, tmp_path)
    number, _ = make._begin(shop, MANAGER, type=make.BackupType.FULL, description="", target=None)
    assert plan.work(shop).done == 0
    assert (vitals.read(shop).backup_age, vitals.read(shop).backup_failed) == (None, None)
    shop.clock.sleep(make.LEASE.total_seconds() + 1)
    for _ in range(2):
        plan.work(shop)
    (failed,), _ = view.page(shop, limit=9, offset=0)
    assert (failed.state, failed.number) == (BackupState.FAILED, number)
    assert told_of(shop) == {str(number): ["backup.failed"]}
    assert vitals.read(shop).backup_failed
    assert Watcher(shop).look() == 1
    make._fail(shop, number, StaleRecord("backup", str(number)))
    assert told_of(shop) == {str(number): ["backup.failed"]}, "the maker was only slow"
    make.make(shop, MANAGER)
    assert vitals.read(shop).backup_failed is False


def rows_change(shop: Shop, number: int) -> bool:
    with shop.store.write() as connection:
        return rows.change(connection, number, {"state": "Completed"})


@pytest.mark.parametrize("step", ["pack", "keep"])
def test_a_full_disk_leaves_nothing_half(
    till: Shop, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pack, step, full)
    with pytest.raises(DiskFull):
        make.make(till, MANAGER)
    (failed,), _ = view.page(till, limit=9, offset=0)
    assert failed.state is BackupState.FAILED
    assert "no room left" in failed.problem
    assert list(view.folder_of(till).iterdir()) == []
    assert books.backup(till).state == "warn"
    monkeypatch.undo()
    sell(till, "MILK")
    assert make.make(till, MANAGER).state is BackupState.COMPLETED


def test_a_file_that_is_there_is_never_overwritten(till: Shop, tmp_path: Path) -> None:
    kept = tmp_path / "stick" / "till.zip"
    kept.parent.mkdir()
    make.make(till, MANAGER, target=kept)
    before = kept.read_bytes()
    with pytest.raises(Conflict):
        make.make(till, MANAGER, target=kept)
    assert kept.read_bytes() == before
    made = make.make(till, MANAGER, target=kept.parent)
    assert (kept.parent / made.name).is_file()
    with pytest.raises(BackupElsewhere):
        view.file_of(till, made)


def test_the_plan_makes_one_a_day_and_makes_up_for_a_missed_one(till: Shop, tmp_path: Path) -> None:
    shop = with_backups(till, tmp_path, at=time(2, 0), keep=Keep(days=1, weeks=0, months=0))
    for _ in range(3):
        assert plan.work(shop).done == 0
    shop.clock.sleep(21 * 3600)
    assert (plan.work(shop).done, plan.work(shop).done) == (1, 0)
    by_hand = make.make(shop, MANAGER)
    shop.clock.sleep(48 * 3600)
    assert plan.work(shop).done == 1
    assert view.by_number(shop, by_hand.number).state is BackupState.COMPLETED
    assert len(list(view.folder_of(shop).iterdir())) == 2


def test_a_plan_that_failed_is_tried_again_within_the_hour(
    till: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = with_backups(till, tmp_path, at=time(2, 0))
    plan.work(shop)
    shop.clock.sleep(24 * 3600)
    with monkeypatch.context() as patch:
        patch.setattr(pack, "need", lambda *_: (_ for _ in ()).throw(DiskFull("x")))
        with pytest.raises(DiskFull):
            plan.work(shop)
    assert plan.work(shop).done == 0
    shop.clock.sleep(plan.AGAIN.total_seconds())
    assert plan.work(shop).done == 1


HARARE = "Africa/Harare"


def test_when_the_plan_wants_one() -> None:
    night = time(2, 0)
    at = datetime(2026, 11, 2, 0, 0, tzinfo=UTC)  # two in Harare
    assert due_at(at, night, HARARE) == at
    assert due_at(at - timedelta(seconds=1), night, HARARE) == at - timedelta(days=1)
    assert next_due(at, night, HARARE) == at + timedelta(days=1)
    assert next_due(at - timedelta(seconds=1), night, HARARE) == at


def test_what_is_thinned_out() -> None:
    first = datetime(2026, 1, 1, 1, tzinfo=UTC)
    made = [(number, first + timedelta(days=number)) for number in range(365)]
    gone = surplus(made, Keep(days=14, weeks=8, months=12), HARARE)
    kept = [number for number in range(365) if number not in gone]
    assert kept[-14:] == list(range(351, 365))
    assert len(kept) == 14 + 6 + 10
    assert surplus([], Keep(days=1, weeks=0, months=0), HARARE) == []
    twice = [(1, first), (2, first)]
    assert surplus(twice, Keep(days=1, weeks=1, months=1), HARARE) == [1]


def test_a_restore_that_was_asked_for_is_done_at_the_next_start(till: Shop, tmp_path: Path) -> None:
    database = till.store.path
    assert database is not None
    made = make.make(till, MANAGER)
    sell(till, "MILK")
    folder = view.folder_of(till)
    intent.ask(till, MANAGER, made.number, identity="")
    with pytest.raises(StillInUse):
        intent.fulfil(target(till, database, tmp_path))
    assert intent.asked(folder) is not None
    till.store.close()
    done = intent.fulfil(target(till, database, tmp_path))
    assert done is not None
    assert done.lost == {"sales": ("T01-000002",)}
    assert intent.fulfil(target(till, database, tmp_path)) is None
    with open_store(database) as store:
        assert receipts(store) == ["T01-000001"]


def test_removing_a_backup_takes_the_wish_back(till: Shop) -> None:
    made = make.make(till, MANAGER)
    intent.ask(till, MANAGER, made.number, identity="")
    plan.remove(till, MANAGER, made.number)
    assert intent.asked(view.folder_of(till)) is None
    assert list(view.folder_of(till).iterdir()) == []
    with pytest.raises(RecordNotFound):
        intent.ask(till, MANAGER, made.number, identity="")


def test_a_rotten_backup_cannot_be_asked_for(till: Shop) -> None:
    made = make.make(till, MANAGER)
    path = path_of(till, made)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(BackupDamaged):
        intent.ask(till, MANAGER, made.number, identity="")
    assert intent.asked(view.folder_of(till)) is None


def test_another_file_in_its_place_is_not_restored(till: Shop, tmp_path: Path) -> None:
    database = till.store.path
    assert database is not None
    first = make.make(till, MANAGER)
    sell(till, "MILK")
    second = make.make(till, MANAGER)
    intent.ask(till, MANAGER, second.number, identity="")
    path_of(till, second).write_bytes(path_of(till, first).read_bytes())
    with pytest.raises(BackupDamaged, match="not the file that was made"):
        intent.ask(till, MANAGER, second.number, identity="")
    till.store.close()
    with pytest.raises(BackupDamaged, match="not the file that was made"):
        intent.fulfil(target(till, database, tmp_path))
    with open_store(database) as store:
        assert len(receipts(store)) == 2
    (view.folder_of(till) / intent.FILE).write_text("[]")
    with pytest.raises(BackupDamaged, match="what to restore"):
        intent.fulfil(target(till, database, tmp_path))


def test_a_place_that_cannot_be_written_is_told_in_one_sentence(till: Shop) -> None:
    folder = view.folder_of(till)
    folder.write_text("no folder")
    with pytest.raises(BackupFolderUnusable, match="see that its disk is there"):
        make.make(till, MANAGER)
    (failed,), _ = view.page(till, limit=9, offset=0)
    assert (failed.state, "cannot be used" in failed.problem) == (BackupState.FAILED, True)
    folder.unlink()
    assert make.make(till, MANAGER).state is BackupState.COMPLETED


def test_removing_a_backup_removes_nothing_outside_its_folder(till: Shop, tmp_path: Path) -> None:
    made = make.make(till, MANAGER)
    outside = tmp_path / "outside.zip"
    outside.touch()
    with till.store.write() as connection:
        mine = rows.backups.c.number == made.number
        connection.execute(update(rows.backups).where(mine).values(name="../outside.zip"))
    plan.remove(till, MANAGER, made.number)
    assert outside.exists()


def test_the_file_of_a_backup_is_looked_for_in_its_folder_alone(till: Shop) -> None:
    made = make.make(till, MANAGER)
    for name in ("../../etc/passwd", "/etc/passwd", ".."):
        with pytest.raises(BackupElsewhere):
            view.file_of(till, replace(made, name=name))


def test_alone_means_that_nobody_is_connected(sqlite_path: Path) -> None:
    with place.alone(sqlite_path):
        pass
    with open_store(sqlite_path) as store:
        receipts(store)
        with pytest.raises(StillInUse), place.alone(sqlite_path):
            pass
