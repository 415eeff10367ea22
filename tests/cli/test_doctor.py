"""`pos doctor`: every line has a state and a sentence, the exit code is that of the gravest."""

from __future__ import annotations

import pytest

from pos_app.config import load
from tests.cli.till import Till

NAMES = {
    *("disk", "database", "backup", "printer", "fiscal_device"),
    *("server", "prices", "preflight", "clock"),
}


def test_a_till_without_neighbours_is_fit_with_warnings(till: Till) -> None:
    ran = till.here("doctor", "--json")
    checks = {row["name"]: row for row in ran.json["checks"]}
    assert set(checks) == NAMES
    assert checks["database"]["state"] == "ok"
    assert checks["printer"]["state"] == "warn"
    assert all(row["sentence"].endswith(".") for row in checks.values())
    assert (ran.code, ran.json["state"]) == (0, "warn")
    assert ran.err == ""


def test_words_for_people(till: Till) -> None:
    ran = till.here("doctor")
    assert ran.code == 0
    assert len(ran.out.splitlines()) == len(NAMES)
    assert "WARN     backup" in ran.out


def test_a_server_and_a_printer_that_are_away_end_with_five(till: Till) -> None:
    till.configure(url='"tcp://127.0.0.1:9"')
    text = till.config.read_text(encoding="utf-8")
    server, rest = text.split("[fiscal]", 1)
    server = server.replace('url = "tcp://127.0.0.1:9"', 'url = "http://127.0.0.1:9"')
    server = server.replace('"secret://server-api-key"', '""')
    text = f"{server}[fiscal]{rest}"
    for name in ("[printer.fallback]", "[label]", "[display]", "[sap]"):
        if name in text:
            head, tail = text.split(name, 1)
            text = head + name + tail.replace('url = "tcp://127.0.0.1:9"', 'url = ""', 1)
    till.config.write_text(text, encoding="utf-8")
    ran = till.here("doctor", "--json")
    states = {row["name"]: row["state"] for row in ran.json["checks"]}
    assert states["printer"] == "fail"
    assert states["server"] in {"fail", "unknown"}
    assert ran.code in {5, 6}


def test_a_database_that_is_none_is_found_out(till: Till) -> None:
    till.database.write_bytes(b"no database at all" * 1000)
    ran = till.here("doctor", "--json")
    checks = {row["name"]: row for row in ran.json["checks"]}
    assert checks["database"]["state"] == "fail"
    assert checks["printer"]["state"] == "unknown"
    assert ran.code == 6


def test_a_config_that_is_wrong_is_one_sentence(till: Till) -> None:
    till.config.write_text("role = 5", encoding="utf-8")
    ran = till.here("doctor")
    assert ran.code == 2
    assert "correct it" in ran.err


@pytest.mark.parametrize("answer", ["n", "N "])
def test_an_answer_about_a_paper_is_written_down(till: Till, answer: str) -> None:
    till.configure(url='""')
    text = till.config.read_text(encoding="utf-8")
    head, tail = text.split("[printer]", 1)
    till.config.write_text(
        head + "[printer]" + tail.replace('url = ""', 'url = "/dev/usb/lp0"', 1), encoding="utf-8"
    )
    ran = till.here("doctor", "--printer", "cutter", "--answer", answer)
    assert (ran.code, ran.err) == (0, "")
    assert load(till.config).printer.settings["cutter"] == "none"
    again = till.here("doctor", "--printer", "cutter", "--answer", answer, "--json")
    assert again.json == {"changed": []}
    wrong = till.here("doctor", "--printer", "cutter", "--answer", "perhaps")
    assert wrong.code == 2
    assert "type y or n" in wrong.err
    no_paper = till.here("doctor", "--printer", "cutter", "--json")
    assert (no_paper.code, no_paper.error) == (5, "no_paper")
