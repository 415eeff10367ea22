"""How a PostgreSQL database is opened: time limits, and views that do not change."""

from __future__ import annotations

from typing import Any

from sqlalchemy import URL, Engine, ExceptionContext, create_engine, event

from pos_app.store.compiled import SHARED
from pos_app.store.fault import translate
from pos_app.store.version import Watch

_IDLE_LIMIT = "5min"
_SNAPSHOT = "SELECT CASE WHEN NOT pg_is_in_recovery() THEN pg_current_snapshot()::text END"


def make_engine(url: URL, *, place: str, busy_ms: int, connections: int) -> Engine:
    """One pool of connections whose locks are waited for no longer than on SQLite."""
    engine = create_engine(
        url,
        pool_size=connections,
        max_overflow=connections,
        pool_timeout=busy_ms / 1000,
        pool_use_lifo=True,
        use_native_hstore=False,
        connect_args={"connect_timeout": max(2, busy_ms // 1000)},
        execution_options=SHARED,
    )

    def prepare(connection: Any, record: Any) -> None:
        connection.autocommit = True
        connection.execute(
            f"SET lock_timeout = {busy_ms:d}; SET timezone = 'UTC'; "
            f"SET idle_in_transaction_session_timeout = '{_IDLE_LIMIT}'"
        )
        connection.autocommit = False
        record.info["waited_ms"] = busy_ms

    def explain(context: ExceptionContext) -> BaseException | None:
        return translate(context.original_exception, place=place, waited_ms=busy_ms)

    event.listen(engine, "connect", prepare)
    event.listen(engine, "handle_error", explain)
    return engine


def reader(engine: Engine) -> Engine:
    """The same pool, its transactions read-only and on one snapshot."""
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def watch(engine: Engine) -> Watch:
    """Tells the versions of the database, for one round trip.

    What a statement sees is decided by which transactions had ended when it began, and that is
    what a snapshot lists (PostgreSQL, `pg_current_snapshot`): equal ones see the same rows. While
    a server follows another one its snapshots list nothing, so that there it tells no version.
    """
    return Watch(engine, _SNAPSHOT, _by_statement)


def _by_statement(driver: Any) -> None:
    """Outside transactions every statement has a snapshot of its own."""
    driver.autocommit = True
