"""A schema made at once and one made step by step are the same; what is not ours is refused."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from pos_app.store import migrate, setting
from pos_app.store.engine import Store, open_store
from pos_app.store.fault import ForeignKeyViolation
from pos_app.store.migrate import SchemaUnknown, head, run_steps, upgrade, version
from pos_app.store.tables import all_tables

ADVICE = "the tables changed: run scripts/make_migration (--initial before the first release)"


@pytest.fixture
def empty_sqlite(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "empty.db") as store:
        yield store


@pytest.fixture
def empty_postgres(empty_postgres_url: str) -> Iterator[Store]:
    with open_store(empty_postgres_url) as store:
        yield store


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty(request: pytest.FixtureRequest) -> Store:
    found: Store = request.getfixturevalue(f"empty_{request.param}")
    return found


def schema_of(store: Store) -> dict[str, Any]:
    """Everything the database says of its own structure, without order and spaces."""
    with store.read() as connection:
        return _sqlite(connection) if store.dialect == "sqlite" else _postgres(connection)


def _sqlite(connection: Connection) -> dict[str, Any]:
    found: dict[str, Any] = {}
    query = "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL"
    for kind, name, sql in connection.exec_driver_sql(query):
        flat = " ".join(sql.split())
        body = re.fullmatch(r"CREATE TABLE \S+ \((.*)\) STRICT", flat)
        # The order of constraints differs; that of columns is asked for below.
        found[f"{kind} {name}"] = sorted(_parts(body[1])) if body else flat
    for (name,) in connection.exec_driver_sql("SELECT name FROM pragma_table_list").all():
        columns = connection.exec_driver_sql(f"SELECT * FROM pragma_table_xinfo('{name}')").all()
        found[f"columns {name}"] = [tuple(column) for column in columns]
    return found


def _parts(body: str) -> list[str]:
    """The definitions inside CREATE TABLE, split at the commas that are in no bracket."""
    parts, depth = [""], 0
    for letter in body:
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts]


_POSTGRES = {
    "columns": """SELECT table_name, column_name, ordinal_position, data_type, is_nullable,
        column_default, collation_name FROM information_schema.columns
        WHERE table_schema = 'public'""",
    "constraints": """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace""",
    "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "triggers": "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "functions": """SELECT trim(regexp_replace(prosrc, '\\s+', ' ', 'g')) FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace""",
    "sequences": "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'",
}


def _postgres(connection: Connection) -> dict[str, Any]:
    return {
        name: sorted(tuple(map(str, row)) for row in connection.exec_driver_sql(query))
        for name, query in _POSTGRES.items()
    }


@pytest.mark.parametrize("name", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_a_fresh_schema_equals_a_migrated_one(request: pytest.FixtureRequest, name: str) -> None:
    store: Store = request.getfixturevalue(f"{name}_store")
    empty: Store = request.getfixturevalue(f"empty_{name}")
    with empty.restructure() as connection:
        run_steps(connection)
    fresh, migrated = schema_of(store), schema_of(empty)
    assert fresh.keys() == migrated.keys(), ADVICE
    for part, found in fresh.items():
        assert migrated[part] == found, f"{part}: {ADVICE}"
    with empty.read() as connection:
        assert version(connection) == head()


def test_every_table_of_the_shop_is_there(store: Store) -> None:
    with store.read() as connection:
        names = migrate.table_names(connection)
    assert set(all_tables().tables) <= names


def test_upgrading_again_changes_nothing(store: Store) -> None:
    before = schema_of(store)
    with store.write() as connection:
        setting.write(connection, "a", "1")
    upgrade(store)
    assert schema_of(store) == before
    with store.read() as connection:
        assert setting.read(connection, "a") == "1"


def test_an_empty_database_has_no_version(empty: Store) -> None:
    with empty.read() as connection:
        assert version(connection) is None
    upgrade(empty)
    with empty.read() as connection:
        assert version(connection) == head()


def test_a_newer_schema_is_refused(store: Store) -> None:
    with store.write() as connection:
        connection.exec_driver_sql("UPDATE schema_version SET version_num = '9999'")
    with pytest.raises(SchemaUnknown, match="9999 of a newer program"):
        upgrade(store)


def test_another_program_s_database_is_refused(empty: Store) -> None:
    with empty.write() as connection:
        connection.exec_driver_sql("CREATE TABLE theirs (x INTEGER)")
    with pytest.raises(SchemaUnknown, match="another program"):
        upgrade(empty)
    with empty.read() as connection:
        assert migrate.table_names(connection) == {"theirs"}


def test_a_step_that_fails_leaves_the_old_schema(
    empty: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_off(connection: Connection) -> None:
        all_tables().create_all(connection, checkfirst=False)
        raise KeyError("power cut")

    monkeypatch.setattr(migrate, "create", break_off)
    with pytest.raises(KeyError):
        upgrade(empty)
    with empty.read() as connection:
        assert migrate.table_names(connection) == set()


def test_many_may_upgrade_at_once(empty: Store) -> None:
    errors: list[BaseException] = []

    def bring_up() -> None:
        try:
            with open_store(empty.path or _url(empty)) as store:
                upgrade(store)
        except BaseException as error:  # noqa: BLE001 - told to the test below
            errors.append(error)

    threads = [threading.Thread(target=bring_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with empty.read() as connection:
        assert version(connection) == head()


def _url(store: Store) -> str:
    return store._writer.url.render_as_string(hide_password=False)


def test_restructuring_checks_foreign_keys_at_its_end(sqlite_store: Store) -> None:
    with pytest.raises(ForeignKeyViolation), sqlite_store.restructure() as connection:
        connection.exec_driver_sql(
            "INSERT INTO barcodes (barcode, item, uom, factor, backwards) "
            "VALUES ('1', 'nobody', '', 1, '')"
        )
    with sqlite_store.write() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1
        assert connection.exec_driver_sql("SELECT count(*) FROM barcodes").scalar_one() == 0


def test_the_command_finds_nothing_to_write_when_nothing_changed(tmp_path: Path) -> None:
    """The generator itself sees no difference between the steps and the tables."""
    code = (
        "import runpy, pathlib\n"
        "made = runpy.run_path('scripts/make_migration')\n"
        "from pos_app.store.engine import open_store\n"
        "from pos_app.store.migrate import run_steps\n"
        f"store = open_store({str(tmp_path / 'shop.db')!r})\n"
        "with store.restructure() as connection:\n"
        "    run_steps(connection)\n"
        "with store.write() as connection:\n"
        "    print(made['steps_by_table'](connection))\n"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=root,
        check=False,
    )
    assert (done.stdout, done.returncode) == ("{}\n", 0), f"{done.stderr}{ADVICE}"


def test_indexes_are_made_in_one_order_whatever_the_process() -> None:
    """Of two that serve alike SQLite takes one by their order: plans would differ by chance."""
    for table in all_tables().tables.values():
        names = [str(index.name) for index in table.indexes]
        assert names == sorted(names), table.name
