"""Starting: what `pos --help` loads, and the first paint beside a bare Textual application's."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from benchmarks import bare
from benchmarks import shop as shops
from benchmarks.measure import Stopwatch
from benchmarks.result import Check, Result, ratio
from benchmarks.run import Run
from benchmarks.terminal import Terminal, module

NAME = "start"
MOST = 2.0
DOOR = "First Street"
"""The branch in the example's settings: it stands on the screen to sign in."""

HEAVY = ("textual", "sqlalchemy", "pydantic", "fastapi", "starlette", "httpx2", "cryptography")
HELP = f"""
import sys
from pos_app.cli import main
sys.argv = ["pos", "--help"]
try:
    main()
except SystemExit:
    pass
print(" ".join(name for name in {HEAVY!r} if name in sys.modules), file=sys.stderr)
"""
PLACES = {
    "database": {"url": '"shop.db"'},
    "server": {"url": '""'},
    "fiscal": {"device": '""'},
    "printer": {"url": '""'},
}
"""Settings of the example that name something this machine has not."""


def run(bench: Run) -> list[Result]:
    """Measure and judge."""
    return [_help(bench), _first_paint(bench)]


def _help(bench: Run) -> Result:
    rounds = 3 if bench.is_quick else 15
    ours, empty = Stopwatch(), Stopwatch()
    loaded = ""
    for _ in range(rounds):
        with ours.running():
            done = _python(HELP)
        loaded = done.stderr.strip()
        empty.call(lambda: _python("pass"))
    return Result(
        name=NAME,
        what=f"pos --help: how many of {', '.join(HEAVY)} it loads",
        value=float(len(loaded.split())),
        unit="modules",
        check=Check(at_most=0),
        measured=round(ours.median * 1e3, 1),
        reference=round(empty.median * 1e3, 1),
        about={"loaded": loaded.split()},
    )


def _python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)


def _first_paint(bench: Run) -> Result:
    """Until the door of the till stands on the screen: `pos till` with everything it brings."""
    rounds = 3 if bench.is_quick else 12
    config = _config(bench.folder / "first", bench.small("first"))
    ours, plain = Stopwatch(), Stopwatch()
    till = [sys.executable, "-m", "pos_app.cli.run", "till", "--config", str(config)]
    for _ in range(rounds + 1):
        plain.taken.append(_painted(module("bare"), bare.WORD))
        ours.taken.append(_painted(till, DOOR))
    del plain.taken[0], ours.taken[0]
    return ratio(
        NAME,
        "first paint of pos till beside a bare Textual application",
        measured=ours.median,
        reference=plain.median,
        check=Check(at_most=MOST),
        about={"starts": rounds},
    )


def _painted(command: list[str], word: str) -> float:
    with Terminal(command) as terminal:
        return terminal.wait_for((word.encode(),)) - terminal.started


def _config(folder: Path, database: Path) -> Path:
    """The example's settings without server and devices, beside a shop of its own."""
    folder.mkdir()
    database.rename(folder / "shop.db")
    section, lines = "", []
    for line in shops.EXAMPLE.read_text().splitlines():
        if line.startswith("["):
            section = line.strip("[] ").partition("]")[0]
        name = line.partition(" =")[0]
        value = PLACES.get(section, {}).get(name)
        lines.append(line if value is None else re.sub(r"=.*", f"= {value}", line))
    path = folder / "till.toml"
    path.write_text("\n".join(lines))
    return path
