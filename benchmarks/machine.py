"""The class of machine a run was measured on, and how busy it was."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import Any

from pysqlite3 import dbapi2

from benchmarks.measure import Stopwatch

SYNCS = 50
BLOCK = b"\0" * 16384


def describe(folder: Path) -> dict[str, Any]:
    """Processors, memory, what one durable write costs on the measured disk, and the load."""
    return {
        "processors": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "sqlite": dbapi2.sqlite_version,
        "sync_ms": round(_sync(folder) * 1e3, 2),
        "load": round(os.getloadavg()[0], 1),
    }


def sentence(about: dict[str, Any]) -> str:
    """The same for people."""
    return (
        f"{about['processors']} processors, {about['memory_gb']} GB, {about['system']}, "
        f"Python {about['python']}, SQLite {about['sqlite']}, "
        f"16 kB made durable in {about['sync_ms']} ms, load {about['load']}"
    )


def _sync(folder: Path) -> float:
    watch = Stopwatch()
    with (folder / "sync").open("wb") as file:
        for _ in range(SYNCS):
            with watch.running():
                file.write(BLOCK)
                file.flush()
                os.fdatasync(file.fileno())
    return watch.median
