"""Rows whose key is one of many, by a text that does not depend on how many there are."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ARRAY, Column, ColumnElement, Dialect, Text, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.type_api import TypeEngine
from sqlalchemy.types import NullType, TypeDecorator


class _Texts(TypeDecorator[list[str]]):
    """A list of texts in one parameter: an array, or JSON where there are no arrays."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return an array for PostgreSQL."""
        kind = ARRAY(Text()) if dialect.name == "postgresql" else Text()
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: Iterable[str] | None, dialect: Dialect) -> Any:
        """Give the driver a list, or its JSON."""
        told = list(value or ())
        return told if dialect.name == "postgresql" else json.dumps(told, ensure_ascii=False)


class _Among(FunctionElement[Any]):
    """Whether the first argument is in the list that is the second.

    Of no type: what is called a boolean would be compared with 1, and no index would be used.
    """

    name = "among"
    type = NullType()
    inherit_cache = True


def among(column: Column[Any], name: str) -> ColumnElement[bool]:
    """Whether a column of text holds one of the texts given under a name."""
    return _Among(column, bindparam(name, type_=_Texts()))


@compiles(_Among, "sqlite")
def _in_json(element: _Among, compiler: SQLCompiler, **told: Any) -> str:
    column, texts = (compiler.process(part, **told) for part in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({texts}))"  # noqa: S608 - of our own names


@compiles(_Among, "postgresql")
def _in_array(element: _Among, compiler: SQLCompiler, **told: Any) -> str:
    column, texts = (compiler.process(part, **told) for part in element.clauses)
    return f"{column} = ANY ({texts})"
