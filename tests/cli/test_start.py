"""What a start loads: the door stands before the shop is there, and no command brings the rest."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from textual.app import App

from tests import shops
from tests.cli.till import Till, milk

SHOP = (
    "pos_app.bootstrap", "pos_app.config", "pos_app.devices", "pos_app.services", "pos_app.store",
    "fiscal", "printing", "sync",
)  # fmt: skip
LIBRARIES = (
    "alembic", "argon2", "cryptography", "fastapi", "httpx2", "jwt", "keyring", "prometheus_client",
    "psycopg", "pydantic", "pydantic_settings", "pysqlite3", "segno", "serial", "sqlalchemy",
    "starlette", "structlog", "uvicorn",
)  # fmt: skip

DOOR = """
import sys
from pathlib import Path
from pos_app.cli import till
from pos_app.errors import Unavailable

def refuse(house):
    print(*sys.modules, file=sys.stderr)
    raise Unavailable("The shop stays closed: come back tomorrow.")

till.House.open = refuse
with till.screen(Path(sys.argv[1])) as app:
    app.run(headless=True, size=(120, 40))
print(app.failure)
"""


def python(code: str, *told: object) -> tuple[str, set[str]]:
    """Run Python; return what it answered, and the modules it named on its other channel."""
    command = [sys.executable, "-c", code, *(str(one) for one in told)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.strip(), set(done.stderr.split())


SELL = """
import sys
from pos_app import cli
try:
    cli.main()
finally:
    print(*sys.modules, file=sys.stderr)
"""
NEEDLESS = (
    "alembic", "cryptography", "fastapi", "httpx2", "jwt", "keyring", "prometheus_client",
    "psycopg", "pydantic_settings", "rich", "segno", "serial", "sqlalchemy.dialects.postgresql",
    "starlette", "structlog", "textual", "uvicorn",
    "fiscal.driver", "fiscal.transport", "printing.printer", "sync",
    "pos_app.background", "pos_app.services.fiscal", "pos_app.services.spool",
    "pos_app.services.sync",
)  # fmt: skip
"""What a sale without a device does without; `status` looks at the queue of the synchronisation."""


@pytest.mark.process
def test_the_door_is_painted_without_the_shop(bare_till: Till) -> None:
    answer, loaded = python(DOOR, bare_till.config)
    assert answer == "The shop stays closed: come back tomorrow."
    assert "pos_app.tui.screens.sign_in" in loaded
    assert loaded.isdisjoint({*SHOP, *LIBRARIES})


@pytest.mark.process
def test_a_sale_loads_what_it_needs(till: Till) -> None:
    request = till.folder / "sale.json"
    request.write_text(json.dumps(milk()), encoding="utf-8")
    answer, loaded = python(SELL, "sell", "--config", till.config, request)
    assert json.loads(answer)["receipt"] == "T01-000001"
    assert "pos_app.services.quick_sale" in loaded
    assert loaded.isdisjoint(NEEDLESS)


@pytest.mark.process
@pytest.mark.parametrize("told", [["status"], ["shift", "x", "--user", "cashier"]])
def test_looking_at_a_till_loads_no_device(
    till: Till, monkeypatch: pytest.MonkeyPatch, told: list[str]
) -> None:
    monkeypatch.setenv("POS_PIN", shops.PIN)
    _, loaded = python(SELL, *told, "--config", till.config)
    assert "pos_app.services.shift" in loaded
    assert loaded.isdisjoint({*NEEDLESS} - {"sync", "pos_app.services.sync"})


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        (("hold_minutes", "hold_minuets"), 2, "till.hold_minuets"),
        (('role = "till"', 'role = "server"'), 2, "this is for a till"),
        (("map = {", 'map = { "sale.nothing" = "f2" }  # {'), 2, "keys.map.sale.nothing"),
        (('url = "pos.db"', 'url = "till.toml"'), 5, "not a database"),
    ],
)
def test_a_till_that_cannot_open_ends_with_one_sentence(
    bare_till: Till, monkeypatch: pytest.MonkeyPatch, change: tuple[str, str], code: int, said: str
) -> None:
    run = App.run
    monkeypatch.setattr("pos_app.cli.till.check_terminal", lambda _instead: None)
    monkeypatch.setattr(App, "run", lambda app: run(app, headless=True, size=(120, 40)))
    bare_till.config.write_text(bare_till.config.read_text().replace(*change))
    ended = bare_till.here("till")
    assert (ended.code, ended.out) == (code, "")
    assert said in ended.err
    assert len(ended.err.splitlines()) == 1
