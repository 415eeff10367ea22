"""Logs: into a file, one object a line, without secrets, and never onto the screen."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

import pytest
import structlog

from pos_app.log import BYTES_MAX, FILES, silent, to_file


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    made = tmp_path / "log" / "till.log"
    to_file(made)
    yield made
    for handler in root.handlers:
        handler.close()
    root.handlers[:], root.level = before, level
    structlog.reset_defaults()


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_every_line_is_an_object_with_time_and_level(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    structlog.get_logger(lane="fiscal").info("filed", number="T01-000001", items=3)
    logging.getLogger("elsewhere").warning("low %s", "paper")
    ours, theirs = rows(path)
    assert ours["event"] == "filed"
    assert (ours["lane"], ours["number"], ours["items"], ours["level"]) == (
        "fiscal",
        "T01-000001",
        3,
        "info",
    )
    assert ours["timestamp"].endswith("Z")
    assert (theirs["event"], theirs["level"]) == ("low paper", "warning")
    assert capsys.readouterr() == ("", "")


def test_a_fault_is_written_with_its_trace_on_one_line(path: Path) -> None:
    try:
        raise ValueError("two\nlines")
    except ValueError:
        structlog.get_logger().exception("lane failed")
    (row,) = rows(path)
    assert "ValueError" in row["exception"]
    assert "test_log" in row["exception"]


@pytest.mark.parametrize(
    "name",
    ["pin", "PASSWORD", "api_key", "token", "access_token", "X-API-Key", "authorization",
     "jwt_secret", "manager_pin"],
)  # fmt: skip
def test_secrets_are_not_written(path: Path, name: str) -> None:
    structlog.get_logger().info("sign in", **{name: "4821-hunter2"}, user="rudo")
    structlog.get_logger().info(
        "request", headers={name: "4821-hunter2"}, rows=[{name: "4821-hunter2"}]
    )
    assert "hunter2" not in path.read_text(encoding="utf-8")
    assert rows(path)[0]["user"] == "rudo"


@pytest.mark.parametrize("name", ["opinion", "keyboard", "pinned_at", "spinner"])
def test_other_words_are(path: Path, name: str) -> None:
    structlog.get_logger().info("x", **{name: "shown"})
    assert rows(path)[0][name] == "shown"


def test_chatty_libraries_are_quiet_and_debug_is_left_out(path: Path) -> None:
    logging.getLogger("httpx2").info("GET /")
    logging.getLogger("elsewhere").debug("x")
    structlog.get_logger().debug("x")
    assert rows(path) == []


def test_the_file_is_renewed_before_it_fills_the_disk(path: Path) -> None:
    (handler,) = [
        handler
        for handler in logging.getLogger().handlers
        if isinstance(handler, RotatingFileHandler)
    ]
    handler.maxBytes = 2000
    for number in range(200):
        structlog.get_logger().info("filed", number=number)
    kept = sorted(path.parent.iterdir())
    assert len(kept) == FILES + 1
    assert all(file.stat().st_size <= 2000 for file in kept)
    assert rows(path)[-1]["number"] == 199
    assert BYTES_MAX * (FILES + 1) < 50_000_000


def test_what_cannot_be_json_is_written_all_the_same(path: Path) -> None:
    structlog.get_logger().info("odd", thing=object(), path=Path("x"), amount={1, 2})
    (row,) = rows(path)
    assert row["event"] == "odd"


def test_silence_is_over_when_it_is_over(capsys: pytest.CaptureFixture[str]) -> None:
    with silent():
        structlog.get_logger().error("meant to happen")
    structlog.get_logger().error("not meant to happen")
    told = "".join(capsys.readouterr())
    assert "not meant to happen" in told
    assert told.count("meant to happen") == 1
