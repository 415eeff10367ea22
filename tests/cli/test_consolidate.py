"""``pos consolidate`` on a server."""

from __future__ import annotations

import json

import pytest

from pos_app.bootstrap import install
from tests.cli.till import Till


@pytest.fixture
def server(bare_till: Till) -> Till:
    bare_till.configure(role="server", code='"S01"', consolidate="true")
    return bare_till


def test_a_day_without_receipts_says_so(server: Till) -> None:
    day = str(install_today(server))
    assert server.here("consolidate").out == f"No receipt up to {day} waits for a list.\n"
    told = json.loads(server.here("consolidate", "--json").out)
    assert (told["until"], told["dry_run"], told["lists"]) == (day, False, [])
    shown = server.here("consolidate", "today", "--show")
    assert shown.out == "0 receipts wait for the end of the day.\n"


@pytest.mark.parametrize("day", ["soon", "2099-01-01"])
def test_a_wrong_day_is_one_sentence(server: Till, day: str) -> None:
    ran = server.here("consolidate", day)
    assert (ran.code, ran.out) == (2, "")
    assert len(ran.err.strip().splitlines()) == 1


def install_today(server: Till) -> object:
    installation = install(server.config, role="server", clock=server.clock)
    try:
        return installation.shop.today
    finally:
        installation.close()
