"""A till on disk with a config file, used through its commands alone."""

from __future__ import annotations

import io
import json
import shutil
import sys
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from pos_app import cli
from pos_app.domain.item import Item
from pos_app.domain.price import ListPrice
from pos_app.store import item, price, rebase
from pos_app.store.engine import open_store
from pos_app.store.migrate import upgrade
from pos_app.store.tables import all_tables
from tests import shops

NOTED_ANYWAY = {"audit", "tallies", "users"}
"""A refused sale may note who tried what, count it, and count a wrong PIN."""

MANAGERS = [
    line
    for rule in ("discount.line", "price.below_list")
    for line in ("", "[[limit]]", f'rule = "{rule}"', 'role = "Manager"', "at_most = 50")
]


@dataclass(frozen=True)
class Ran:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def error(self) -> str:
        """The code of a JSON error."""
        return str(self.json["error"]["code"])


class Till:
    """One till with goods, people and an open shift; its clock stands still."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch, capture: Any) -> None:
        self.folder = folder
        self.clock = shops.FixedClock()
        self._patch = patch
        self._capture = capture
        patch.setattr("pos_app.bootstrap.SystemClock", lambda: self.clock)
        self.configure()

    @property
    def config(self) -> Path:
        return self.folder / "till.toml"

    @property
    def database(self) -> Path:
        return self.folder / "pos.db"

    def move(self, folder: Path) -> None:
        """Copy everything to another place and go on there."""
        shutil.copy(self.database, folder)
        self.folder = folder
        self.configure()

    def configure(self, role: str = "till", **lines: str) -> None:
        """Write the config: the example without neighbours, some lines changed."""
        lines = {"url": '""', "device": '""', "code": '"T01"'} | lines
        made = []
        section = ""
        for line in shops.EXAMPLE.read_text(encoding="utf-8").splitlines():
            section = line.partition("]")[0] if line.startswith("[") else section
            name = line.partition(" =")[0]
            if name == "url" and section == "[database":
                made.append('url = "pos.db"')
            elif name == "url" and section.startswith("[[gateway"):
                made.append(line)
            elif name == "role" and not section:
                made.append(f'role = "{role}"')
            elif section.startswith("[[gateway"):
                made.append(line)  # an address of a provider is never empty
            elif name in lines and (name != "code" or section == "[till"):
                made.append(f"{name} = {lines[name]}")
            else:
                made.append(line)
        made.extend(MANAGERS)
        self.config.write_text("\n".join(made), encoding="utf-8")

    def fill(self, *, is_open: bool = True) -> None:
        """Goods, people and a shift, put in without the commands."""
        with open_store(self.database) as store:
            upgrade(store)
            shop = shops.open_shop(store, clock=self.clock)
            if is_open:
                shops.open_till(shop)

    def add(self, goods: Item, *, amount: str = "5.00") -> None:
        """One more item, with a price and stock."""
        now = self.clock.now()
        with open_store(self.database) as store, store.write() as connection:
            item.put(connection, [goods], at=now)
            price.put(connection, [ListPrice(goods.code, "1", Decimal(amount))])
            place = {"item": goods.code, "warehouse": "SHOP1", "base": Decimal(10), "base_seq": 1}
            nothing = {"committed": Decimal(0), "ordered": Decimal(0), "changed_at": now}
            rebase.rebase(connection, [place | nothing])

    def pos(self, *arguments: str, stdin: str | bytes = "") -> Ran:
        """Run a command as if it had been typed."""
        raw = stdin.encode() if isinstance(stdin, str) else stdin
        self._capture.readouterr()
        self._patch.setattr(sys, "argv", ["pos", *arguments])
        self._patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw), encoding="utf-8"))
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = self._capture.readouterr()
        return Ran(int(ended.value.code or 0), said.out, said.err)

    def here(self, *arguments: str, stdin: str | bytes = "") -> Ran:
        """Run a command with this till's config."""
        return self.pos(*arguments, "--config", str(self.config), stdin=stdin)

    def sell(self, request: object = None, **changes: object) -> Ran:
        """Sell what is asked for, or one milk with changes."""
        asked = milk(**changes) if request is None else request
        text = asked if isinstance(asked, str | bytes) else json.dumps(asked)
        return self.here("sell", stdin=text)

    def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        """Everything that is stored."""
        tables = all_tables().sorted_tables
        with open_store(self.database) as store, store.read() as connection:
            stored = {
                table.name: sorted(map(tuple, connection.execute(select(table))), key=repr)
                for table in tables
                if table.name not in NOTED_ANYWAY
            }
        stored["series"] = [row for row in stored["series"] if row[0] != "audit"]
        return stored


def line(**changes: object) -> dict[str, object]:
    """One milk, or with changes; None leaves a key out."""
    made = {"item": "MILK", "quantity": "1"} | changes
    return {key: value for key, value in made.items() if value is not None}


def tender(**changes: object) -> dict[str, object]:
    """Ten dollars in cash, or with changes."""
    return {"type": "cash", "currency": "USD", "amount": "10.00"} | changes


def milk(**changes: object) -> dict[str, object]:
    """A sale of one milk for cash; None leaves a key out."""
    made: dict[str, object] = {
        "user": "cashier",
        "pin": shops.PIN,
        "lines": [line()],
        "tenders": [tender()],
    }
    return {key: value for key, value in (made | changes).items() if value is not None}
