"""What the server writes of requests: one object a line, whoever sent what, and no secret."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from pos_app.log import to_file
from tests.api.house import House
from tests.api.test_auth import LOGIN, login
from tests.cheap import cheap
from tests.shops import PASSWORD

__all__ = ["cheap"]
pytestmark = pytest.mark.usefixtures("cheap")
FORGED = '\r\n{"event": "forged", "level": "info"}\x1b[2J\u2028'


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    root = logging.getLogger()
    before, level, config = root.handlers[:], root.level, structlog.get_config()
    to_file(tmp_path / "server.log")
    structlog.configure(cache_logger_on_first_use=False)
    yield tmp_path / "server.log"
    for handler in root.handlers:
        handler.close()
    root.handlers[:], root.level = before, level
    structlog.configure(**config)


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def test_nobody_writes_a_line_of_the_log_but_the_server(quick: House, path: Path) -> None:
    """ASVS 5.0 16.4.1: line ends and control characters of a request stay inside their line."""
    admin = quick.as_role("Admin")
    admin.get("/api/Product/" + "%0d%0a%7B%22event%22%3A%22forged%22%7D%1b%5B2J")
    quick.client.post(LOGIN, json={"username": FORGED, "password": FORGED})
    quick.client.get("/api/User", headers={"X-Correlation-ID": '"}{"event":"forged'})
    told = rows(path)
    assert len(told) == 3
    assert {row["event"] for row in told} & {"forged"} == set()
    assert "\x1b" not in path.read_text(encoding="utf-8"), "no terminal obeys the log"


def test_the_log_says_who_was_refused_what_and_when(quick: House, path: Path) -> None:
    """ASVS 5.0 16.2.1, 16.2.2, 16.2.4, 16.3.2: with the number the answer carries, in UTC."""
    answer = quick.as_role("Cashier").get("/api/User")
    assert answer.status_code == 403
    (row,) = [row for row in rows(path) if row.get("path") == "/api/User"]
    assert (row["client"], row["method"], row["status"]) == ("user:the-cashier", "GET", 403)
    assert row["correlation"] == answer.headers["X-Correlation-ID"]
    assert row["timestamp"].endswith("Z")


def test_no_secret_of_a_request_is_in_the_log(quick: House, path: Path) -> None:
    """ASVS 5.0 14.2.1, 16.2.5: password, tokens, keys and what an address carries."""
    told = login(quick).json()
    key = quick.key()
    quick.client.get("/api/Product", headers={"X-API-Key": key})
    quick.client.get("/api/Product", headers={"Authorization": f"Bearer {told['accessToken']}"})
    quick.client.post("/api/Auth/refresh", json={"refreshToken": told["refreshToken"]})
    secret = "a-token-of-a-mail-0123456789"
    quick.client.get("/api/Password/reset/validate", params={"token": secret})
    quick.client.get("/api/Product", params={"access_token": secret})
    quick.client.post(LOGIN, content=b'{"password": "' + PASSWORD.encode())
    text = path.read_text(encoding="utf-8")
    assert len(rows(path)) == 5, "what was only read leaves none"
    for hidden in (PASSWORD, key, told["accessToken"], told["refreshToken"], secret):
        assert hidden not in text
