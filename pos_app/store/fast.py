"""Statements of the hot paths: compiled once, run by the driver itself.

SQLAlchemy writes the SQL and converts the values, but only once per statement: each run afterwards
costs a quarter of a run through its own execution. What these functions return are plain tuples and
dicts. Use them inside transactions of the store only, with values of the columns' own types.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Dialect, RowMapping
from sqlalchemy.sql.base import Executable
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import Insert, Update
from sqlalchemy.sql.type_api import TypeEngine

from pos_app.store.fault import translate

Values = Mapping[str, Any]
Record = Mapping[str, Any] | RowMapping
"""A row by column, whichever way it was read."""

_Convert = Callable[[Any], Any] | None


class NotPreparable(ValueError):
    """A statement whose text depends on its values, such as IN with a list."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """A compiled statement for one database and one set of given names.

    Attributes:
        given: (name in the text, name of the value, its conversion), in the order of the text.
        fixed: values the statement itself brings, converted.
        made: (column, its conversion) of what comes back.
    """

    text: str
    given: tuple[tuple[str, str, _Convert], ...]
    fixed: Mapping[str, Any]
    names: tuple[str, ...]
    made: tuple[tuple[str, _Convert], ...]
    is_positional: bool

    def parameters(self, values: Values) -> Any:
        """The values as the driver takes them."""
        if self.is_positional and not self.fixed:
            return [
                values[key] if convert is None else convert(values[key])
                for _, key, convert in self.given
            ]
        told = {
            name: values[key] if convert is None else convert(values[key])
            for name, key, convert in self.given
        }
        told |= self.fixed
        return [told[name] for name in self.names] if self.is_positional else told

    def row(self, found: Sequence[Any]) -> tuple[Any, ...]:
        """What came back, converted."""
        return tuple(
            value if convert is None or value is None else convert(value)
            for (_, convert), value in zip(self.made, found, strict=True)
        )

    def mapping(self, found: Sequence[Any]) -> dict[str, Any]:
        """What came back, converted, by column."""
        return {
            name: value if convert is None or value is None else convert(value)
            for (name, convert), value in zip(self.made, found, strict=True)
        }


class Prepared:
    """A statement that is compiled at its first run on each database.

    Its values are named by its own bound parameters, or by the columns of an INSERT or UPDATE.
    """

    def __init__(self, statement: Executable) -> None:
        self._statement = statement
        self._plans: dict[tuple[str, tuple[str, ...]], _Plan] = {}

    def run(self, connection: Connection, values: Values) -> int:
        """Run it and return how many rows it changed."""
        plan = self._plan(connection, values)
        count: int = _execute(connection, plan, plan.parameters(values)).rowcount
        return count

    def run_many(self, connection: Connection, rows: Sequence[Values]) -> int:
        """Run it for rows of the same names and return how many rows it changed in all."""
        if not rows:
            return 0
        plan = self._plan(connection, rows[0])
        told = [plan.parameters(row) for row in rows]
        count: int = _execute(connection, plan, told, is_many=True).rowcount
        return count

    def first(self, connection: Connection, values: Values) -> tuple[Any, ...] | None:
        """The first row that comes back."""
        plan = self._plan(connection, values)
        found = _execute(connection, plan, plan.parameters(values)).fetchone()
        return None if found is None else plan.row(found)

    def all(self, connection: Connection, values: Values) -> list[tuple[Any, ...]]:
        """Every row that comes back."""
        plan = self._plan(connection, values)
        return [plan.row(row) for row in _execute(connection, plan, plan.parameters(values))]

    def first_mapping(self, connection: Connection, values: Values) -> dict[str, Any] | None:
        """The first row that comes back, by column."""
        plan = self._plan(connection, values)
        found = _execute(connection, plan, plan.parameters(values)).fetchone()
        return None if found is None else plan.mapping(found)

    def all_mappings(self, connection: Connection, values: Values) -> list[dict[str, Any]]:
        """Every row that comes back, by column."""
        plan = self._plan(connection, values)
        return [plan.mapping(row) for row in _execute(connection, plan, plan.parameters(values))]

    def _plan(self, connection: Connection, values: Values) -> _Plan:
        key = (connection.dialect.name, tuple(values))
        plan = self._plans.get(key)
        if plan is None:
            plan = self._plans[key] = _compile(self._statement, connection.dialect, key[1])
        return plan


def _execute(connection: Connection, plan: _Plan, told: Any, *, is_many: bool = False) -> Any:
    driver: Any = connection.connection.driver_connection
    cursor = driver.cursor()
    try:
        if is_many:
            cursor.executemany(plan.text, told)
        else:
            cursor.execute(plan.text, told)
    except Exception as error:
        place = connection.engine.url.render_as_string(hide_password=True)
        found = translate(error, place=place, waited_ms=connection.info.get("waited_ms", 0))
        raise (found or error) from error
    return cursor


def _compile(statement: Any, dialect: Dialect, names: tuple[str, ...]) -> _Plan:
    is_change = isinstance(statement, Insert | Update)
    # Told that there may be many rows, the compiler asks for no key to come back.
    compiled = statement.compile(
        dialect=dialect,
        column_keys=list(names) if is_change else None,
        for_executemany=is_change and not statement.exported_columns,
    )
    _check(compiled, names)
    order = tuple(compiled.positiontup or compiled.binds)
    given, fixed = [], {}
    for name in dict.fromkeys(order):
        bind = compiled.binds[name]
        convert = bind.type.dialect_impl(dialect).bind_processor(dialect)
        if bind.key in names:
            given.append((name, bind.key, convert))
        else:
            value = bind.effective_value
            fixed[name] = value if convert is None else convert(value)
    return _Plan(
        text=str(compiled),
        given=tuple(given) if fixed or not compiled.positional else _in_order(order, given),
        fixed=fixed,
        names=order,
        made=tuple(
            (str(column.key), _result_conversion(column.type, dialect))
            for column in getattr(statement, "exported_columns", ())
        ),
        is_positional=compiled.positional,
    )


def _in_order(
    order: tuple[str, ...], given: list[tuple[str, str, _Convert]]
) -> tuple[tuple[str, str, _Convert], ...]:
    """One entry per place in the text: a parameter may stand in several places."""
    known = {name: (name, key, convert) for name, key, convert in given}
    return tuple(known[name] for name in order)


def _result_conversion(kind: TypeEngine[Any], dialect: Dialect) -> _Convert:
    return kind.dialect_impl(dialect).result_processor(dialect, None)


def _check(compiled: SQLCompiler, names: tuple[str, ...]) -> None:
    if "POSTCOMPILE" in str(compiled):
        raise NotPreparable(f"the text depends on the values: {compiled}")
    missing = [
        bind.key for bind in compiled.binds.values() if bind.required and bind.key not in names
    ]
    if missing:
        raise NotPreparable(f"no value is given for {', '.join(missing)}: {compiled}")
