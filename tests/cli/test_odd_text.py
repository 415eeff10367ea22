"""Text that wants to be more stays text where a command answers: no terminal is given an order."""

from __future__ import annotations

import unicodedata
from pathlib import Path

from pos_app import cli
from pos_app.bootstrap import install
from pos_app.domain.item import Item
from pos_app.domain.user import User
from pos_app.store import user
from pos_app.store.user import StoredUser
from tests.cli.till import Till, line

ODD = "Milk\x1b[2J\x9b31m\r\n 9 l\u202e\u200b[red]{0}%s"
SHOWN = "Milk·[2J·31m·· 9 l··[red]{0}%s"


def orders(out: str) -> set[str]:
    """What a terminal would do something at, but for the ends of lines."""
    return {mark for mark in out if mark != "\n" and unicodedata.category(mark) in {"Cc", "Cf"}}


def test_commands_show_names_and_obey_none(till: Till) -> None:
    """ASVS 5.0 1.3.3: neither as lines for people nor as JSON, which still says it exactly."""
    till.add(Item("ODD", ODD, "each", 0, "O1", "21069090"))
    sold = till.sell(lines=[line(item="ODD")], reference="R\u202e1")
    assert (sold.code, orders(sold.out)) == (0, set())
    for command in ("stock why ODD", "proof", "status", "check", "report products"):
        lines, told = till.here(*command.split()), till.here(*command.split(), "--json")
        assert orders(lines.out + lines.err + told.out + told.err) == set(), command
    assert told.json["rows"][0]["name"] == ODD
    assert SHOWN in lines.out


def test_a_name_makes_no_line_of_a_list(bare_till: Till) -> None:
    bare_till.configure(role="server", code='"S01"')
    installation = install(bare_till.config, role="server", clock=bare_till.clock)
    made = User("U-9", "eve\nroot  Admin  active\x1b[8m", "x", "Cashier")
    now = bare_till.clock.now()
    with installation.shop.store.write() as connection:
        user.add(connection, StoredUser(user=made, created_at=now, changed_at=now))
    installation.close()
    told = bare_till.here("user", "list").out
    assert "eve·root  Admin  active·[8m" in told
    assert not any(row.startswith("root") for row in told.splitlines())


def test_an_error_names_what_was_typed_and_obeys_it_not(till: Till) -> None:
    told = till.here("report", "sales", "--warehouse", ODD)
    assert (told.code, orders(told.err)) == (2, set())
    assert "Milk·[2J" in told.err


def test_every_command_says_lines_through_one_door() -> None:
    """So that the next table of names is as harmless."""
    beside = [
        (path.name, row.strip())
        for path in sorted(Path(cli.__file__).parent.glob("*.py"))
        for row in path.read_text(encoding="utf-8").splitlines()
        if "click.echo(" in row and "json.dumps(" not in row and path.name != "answer.py"
    ]
    assert beside == []
