"""The bill of materials names everything the lock file installs (ASVS 5.0 15.1.2)."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_bill_of_materials_names_every_pin() -> None:
    made = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "sbom")], capture_output=True, check=True, text=True
    )
    told = json.loads(made.stdout)
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pins = dict(re.findall(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", lock, flags=re.MULTILINE))
    assert (told["bomFormat"], told["specVersion"]) == ("CycloneDX", "1.6")
    assert {one["name"]: one["version"] for one in told["components"]} == pins
    assert len(pins) > 40
    assert all(one["hashes"] for one in told["components"]), "each can be told from a forged one"
    assert len({one["bom-ref"] for one in told["components"]}) == len(pins)
    named = re.findall(r'"([a-z0-9-]+)(?:\[\w+\])?==', (ROOT / "pyproject.toml").read_text())
    known = {one["purl"].partition("@")[0].rpartition("/")[2] for one in told["components"]}
    assert {"fastapi", "sqlalchemy", "cryptography"} <= known & set(named)
