"""Texts made for searching: the same words on both databases, whatever their own rules are."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Select, Table, text

from pos_app.store.schema import dialect_ddl

_WORD = re.compile(r"[^\W\d_]+|\d+")
_LAST = "\U0010ffff"
"""Sorts behind every character, so it ends a range of prefixes."""

_SQLITE_TEXT = (
    """
    CREATE VIRTUAL TABLE TABLE_NAME_text USING fts5(
    words, content='', contentless_delete=1, detail='none', prefix='1 2 3 4',
    tokenize='unicode61 remove_diacritics 0')
    """,
    """
    CREATE TRIGGER TABLE_NAME_text_added AFTER INSERT ON TABLE_NAME BEGIN
    INSERT INTO TABLE_NAME_text(rowid, words) VALUES (new.number, new.words); END
    """,
    """
    CREATE TRIGGER TABLE_NAME_text_changed AFTER UPDATE OF words ON TABLE_NAME
    WHEN old.words <> new.words BEGIN
    UPDATE TABLE_NAME_text SET words = new.words WHERE rowid = new.number; END
    """,
    """
    CREATE TRIGGER TABLE_NAME_text_removed AFTER DELETE ON TABLE_NAME BEGIN
    DELETE FROM TABLE_NAME_text WHERE rowid = old.number; END
    """,
)
_POSTGRESQL_TEXT = """
    CREATE INDEX TABLE_NAME_text ON TABLE_NAME
    USING gin (array_to_tsvector(string_to_array(words, ' ')))
"""


def words_of(*texts: str) -> list[str]:
    """The words of some texts, folded: no case, no accents; letters and digits are apart.

    So ``5kg`` and ``5 KG`` are the same, and ``000123`` finds ``PRD000123``.
    """
    folded = unicodedata.normalize("NFKD", " ".join(texts)).casefold()
    plain = "".join(letter for letter in folded if not unicodedata.combining(letter))
    return _WORD.findall(plain)


def search_text(*texts: str) -> str:
    """What is stored for searching: the folded words in their order."""
    return " ".join(words_of(*texts))


def backwards(code: str) -> str:
    """A code from its end, upper case, so that its last digits are a prefix."""
    return code[::-1].upper()


def after_prefix(prefix: str) -> str:
    """The end of the range of texts that begin with a prefix."""
    return prefix + _LAST


def all_prefixes(words: Iterable[str], *, dialect: str) -> str:
    """A full-text query: every word is the beginning of some word of the text."""
    if dialect == "sqlite":
        return " AND ".join(f'"{word}"*' for word in words)
    return " & ".join(f"'{word}':*" for word in words)


def full_text(made: Table) -> None:
    """Index the column `words` of a table whose key `number` counts up by itself.

    The database keeps the index in step by itself: no way of changing a row can forget its text.
    """
    sqlite = tuple(text.replace("TABLE_NAME", made.name) for text in _SQLITE_TEXT)
    postgresql = _POSTGRESQL_TEXT.replace("TABLE_NAME", made.name)
    dialect_ddl(made, sqlite=sqlite, postgresql=(postgresql,))


def matching(query: Select[Any], searched: Table, *, dialect: str) -> Select[Any]:
    """The same query, for rows whose words fit the bound text ``query`` of `all_prefixes`."""
    name = searched.name
    if dialect == "sqlite":
        found = text(f"{name}_text"), text(f"{name}_text.rowid = {name}.number")
        return query.join(*found).where(text(f"{name}_text MATCH :query"))
    vector = f"array_to_tsvector(string_to_array({name}.words, ' '))"
    return query.where(text(f"{vector} @@ CAST(:query AS tsquery)"))


def place_of(words: list[str], wanted: list[str]) -> tuple[int, int, int] | None:
    """How well a text fits: where the first word stands, how many are whole, how long it is.

    None when a wanted word begins none of the text's words.
    """
    first, whole = len(words), 0
    for number, prefix in enumerate(wanted):
        places = [place for place, word in enumerate(words) if word.startswith(prefix)]
        if not places:
            return None
        if number == 0:
            first = places[0]
        whole += any(words[place] == prefix for place in places)
    return first, -whole, len(words)
