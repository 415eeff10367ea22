"""pos till and pos demo: their screen needs a terminal."""

from __future__ import annotations

from pathlib import Path

from tests.cli.till import Till


def test_a_till_without_a_terminal_says_so_at_once(till: Till) -> None:
    ran = till.here("till")
    assert (ran.code, ran.out) == (2, "")
    assert "needs a terminal" in ran.err
    assert "pos agent" in ran.err


def test_a_demo_without_a_terminal_starts_nothing(till: Till, tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    ran = till.pos("demo", "--dir", str(folder))
    assert (ran.code, ran.out) == (2, "")
    assert "pos demo --headless" in ran.err
    assert not folder.exists()
