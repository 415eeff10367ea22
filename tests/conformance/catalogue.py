"""The routes of the contract that this server serves, each with its success and its words.

`catalogue.json` is the contract ShopInventory 1.0 as a table: the routes of its document and those
its clients use beside them, without the ones for drivers, merchandisers and passkeys, which are
no business of a shop's till. Routes of our own follow, so that the stories leave none out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Row:
    """One route.

    Attributes:
        route: method and path.
        origin: ``document``, ``clients``, or ``own``.
        status: what its happy case answers.
        keys: words of the answer, or of each row of a list; ``a|b`` where either will do.
        is_list: whether the answer is a list.
        is_file: whether it is no JSON.
    """

    route: str
    origin: str
    status: int
    keys: tuple[str, ...]
    is_list: bool
    is_file: bool


@cache
def catalogue() -> Mapping[str, Row]:
    """Every route, by method and path."""
    rows = json.loads((Path(__file__).parent / "catalogue.json").read_text())
    return {
        (route := f"{row['method']} {row['path']}"): Row(
            route,
            row["origin"],
            row["status"],
            tuple(row.get("keys", ())),
            row.get("list", False),
            row.get("file", False),
        )
        for row in rows
    }
