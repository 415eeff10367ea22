"""Column types and the table maker: one schema for SQLite (STRICT) and PostgreSQL."""

from __future__ import annotations

import json
import textwrap
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import (
    DDL,
    BigInteger,
    CheckConstraint,
    Column,
    Dialect,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    event,
    text,
)
from sqlalchemy.schema import ExecutableDDLElement, SchemaItem
from sqlalchemy.sql.type_api import TypeEngine
from sqlalchemy.types import TypeDecorator
from sqlalchemy.util import OrderedSet

from pos_app.domain.quantity import from_micro, to_micro

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LARGEST = 2**63 - 1
_EXTRA, _WHERE, _DERIVED = "dialect_ddl", "unique_where", "derived"


class WrongValue(TypeError):
    """A value of a type this column never takes: a fault in the program, not of its users."""

    def __init__(self, column: str, value: object) -> None:
        kind = type(value).__name__
        super().__init__(f"a {column} column does not take {value!r} of type {kind}")


def big() -> TypeEngine[int]:
    """Whole numbers of 64 bits: INTEGER on SQLite, BIGINT on PostgreSQL."""
    return BigInteger().with_variant(Integer(), "sqlite")


def autokey(name: str = "id") -> Column[int]:
    """A primary key the database counts up by itself, in 64 bits on both databases."""
    return Column(name, big(), primary_key=True, autoincrement=True)


class _Whole(TypeDecorator[Any]):
    """Something kept as a whole number of 64 bits."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return INTEGER for SQLite, whose STRICT tables know no BIGINT."""
        kind = Integer() if dialect.name == "sqlite" else BigInteger()
        return dialect.type_descriptor(kind)


class Id(TypeDecorator[str]):
    """A key as text: UUIDs and codes."""

    impl = Text
    cache_ok = True


class SortText(TypeDecorator[str]):
    """Text compared byte by byte on both databases, so that a prefix is a range of an index.

    For texts made for searching only: never joined with columns of another collation.
    """

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[str]:
        """Return text with the collation C for PostgreSQL; SQLite compares bytes by itself."""
        return Text(collation="C") if dialect.name == "postgresql" else Text()


class Minor(_Whole):
    """Money as whole minor units of the currency in the column beside it."""

    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """Refuse everything but whole numbers."""
        if value is None or type(value) is int:
            return value
        raise WrongValue("Minor", value)


class Micro(_Whole):
    """Prices, rates and quantities: ``Decimal`` outside, whole millionths inside.

    Raises:
        QuantityInvalid: more than six decimals, or not finite.
    """

    cache_ok = True

    def process_bind_param(self, value: Decimal | int | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """Scale a decimal by a million, exactly or not at all."""
        if value is None:
            return None
        if isinstance(value, Decimal):
            scaled = to_micro(value)
        elif type(value) is int:
            scaled = value * 1_000_000
        else:
            raise WrongValue("Micro", value)
        if abs(scaled) > _LARGEST:
            raise WrongValue("Micro", value)
        return scaled

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:  # noqa: ARG002
        """Give back the plain decimal."""
        return None if value is None else from_micro(int(value))


class Instant(_Whole):
    """A moment: aware ``datetime`` in UTC outside, whole microseconds since 1970 inside."""

    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """Refuse datetimes without a zone."""
        if value is None:
            return None
        if not isinstance(value, datetime) or value.tzinfo is None:
            raise WrongValue("Instant", value)
        return to_microseconds(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Give back an aware datetime in UTC."""
        return None if value is None else from_microseconds(int(value))


class BusinessDate(TypeDecorator[date]):
    """A trading day: ``date`` outside, ``YYYY-MM-DD`` inside."""

    impl = Text
    cache_ok = True
    check: ClassVar[str] = "length({column}) = 10"

    def process_bind_param(self, value: date | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Refuse datetimes, whose day depends on a zone."""
        if value is None:
            return None
        if not isinstance(value, date) or isinstance(value, datetime):
            raise WrongValue("BusinessDate", value)
        return value.isoformat()

    def process_result_value(self, value: str | None, dialect: Dialect) -> date | None:  # noqa: ARG002
        """Give back the date."""
        return None if value is None else date.fromisoformat(value)


class Flag(TypeDecorator[bool]):
    """Yes or no: ``bool`` outside, 0 or 1 inside on both databases."""

    impl = Integer
    cache_ok = True
    check: ClassVar[str] = "{column} IN (0, 1)"

    def process_bind_param(self, value: bool | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """Refuse everything but True and False."""
        if value is None:
            return None
        if value is True:
            return 1
        if value is False:
            return 0
        raise WrongValue("Flag", value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> bool | None:  # noqa: ARG002
        """Give back True or False."""
        return None if value is None else value == 1


class Json(TypeDecorator[Any]):
    """Lists, mappings, text, whole numbers and flags as canonical JSON text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Write sorted keys and no spaces, so that equal values are equal texts."""
        return None if value is None else canonical_json(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002
        """Give back what was stored."""
        return None if value is None else json.loads(value)


def to_microseconds(moment: datetime) -> int:
    """Whole microseconds since 1970 of an aware moment, without a float on the way."""
    passed = moment - _EPOCH
    return (passed.days * 86_400 + passed.seconds) * 1_000_000 + passed.microseconds


def from_microseconds(microseconds: int) -> datetime:
    """The aware moment in UTC."""
    return _EPOCH + timedelta(microseconds=microseconds)


def canonical_json(value: Any) -> str:
    """One text per value: sorted keys, no spaces, no floats.

    Raises:
        WrongValue: a float or another thing JSON has no exact form for is in it.
    """
    _check_exact(value)
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _check_exact(value: Any) -> None:
    if value is None or isinstance(value, str | int):
        return
    if isinstance(value, dict):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise WrongValue("Json", key)
            _check_exact(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _check_exact(inner)
    else:
        raise WrongValue("Json", value)


def table(name: str, /, *columns: SchemaItem, **options: Any) -> Table:
    """Make a table of the shop: STRICT on SQLite, with the checks its column types bring.

    What counts by itself gives no number twice: on SQLite that takes AUTOINCREMENT, without which
    the number of the last row comes again once that row is gone.
    """
    if any(isinstance(one, Column) and one.autoincrement is True for one in columns):
        options["sqlite_autoincrement"] = True
    made: Table = Table(name, metadata, *columns, sqlite_strict=True, **options)
    for column in made.columns:
        rule = getattr(column.type, "check", None)
        if rule is not None:
            told = rule.format(column=column.name)
            made.append_constraint(CheckConstraint(told, name=column.name))
    # Of two indexes that serve alike SQLite takes one by the order in which they were made.
    made.indexes = OrderedSet(sorted(made.indexes, key=lambda one: str(one.name)))
    return made


def unique_where(name: str, *columns: str, where: str) -> Index:
    """Make an index by which some rows only are unique.

    PostgreSQL's words for it are left to `complete`: they would load all of its dialect.
    """
    return Index(name, *columns, unique=True, sqlite_where=text(where), info={_WHERE: where})


def index_where(name: str, *columns: str, where: str) -> Index:
    """Make an index of some rows only, for questions that repeat its condition word for word."""
    return Index(name, *columns, sqlite_where=text(where), info={_WHERE: where})


def complete() -> MetaData:
    """Return the schema with what only PostgreSQL has to be told, for making tables."""
    for made in metadata.tables.values():
        for index in made.indexes:
            if _WHERE in index.info:
                index.kwargs["postgresql_where"] = text(index.info[_WHERE])
    return metadata


def dialect_ddl(
    made: Table, *, sqlite: tuple[str, ...] = (), postgresql: tuple[str, ...] = ()
) -> None:
    """Add statements that run right after a table is made, on one database each.

    For what the schema language has no words for: full-text tables, operator classes, triggers.
    """
    for dialect, texts in (("sqlite", sqlite), ("postgresql", postgresql)):
        statements = [textwrap.dedent(text).strip() for text in texts]
        made.info.setdefault(_EXTRA, {}).setdefault(dialect, []).extend(statements)
        for statement in statements:
            ddl = _ddl(statement).execute_if(dialect=dialect)
            event.listen(made, "after_create", ddl)


def _ddl(statement: str) -> ExecutableDDLElement:
    made: ExecutableDDLElement = DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call]
    return made


def extra_ddl(made: Table) -> dict[str, list[str]]:
    """The statements `dialect_ddl` added, by name of the database."""
    return dict(made.info.get(_EXTRA, {}))


def derived(made: Table) -> Table:
    """Say that triggers fill a table: a backup leaves it out, and a restore fills it by itself."""
    made.info[_DERIVED] = True
    return made


def is_derived(made: Table) -> bool:
    """Whether triggers fill a table."""
    return bool(made.info.get(_DERIVED))


def append_only(made: Table) -> None:
    """Have the database itself refuse every UPDATE and DELETE on a table."""
    name = made.name
    sqlite = tuple(
        f"CREATE TRIGGER {name}_no_{verb.lower()} BEFORE {verb} ON {name} "
        f"BEGIN SELECT RAISE(ABORT, '{name} is append-only'); END"
        for verb in ("UPDATE", "DELETE")
    )
    function = (
        f"CREATE FUNCTION {name}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{name} is append-only' USING ERRCODE = '23514'; END $$"
    )
    trigger = (
        f"CREATE TRIGGER {name}_no_change BEFORE UPDATE OR DELETE ON {name} "
        f"FOR EACH ROW EXECUTE FUNCTION {name}_refuse()"
    )
    dialect_ddl(made, sqlite=sqlite, postgresql=(function, trigger))


schema_version = table(
    "schema_version", Column("version_num", Text, primary_key=True, nullable=False)
)
