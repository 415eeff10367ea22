"""Ways to an office printer: what is taken, refused with nothing printed, or left in doubt."""

from __future__ import annotations

import sys
from pathlib import Path

from printing.errors import Offline
from printing.link import Link, MemoryLink
from printing.office import CommandOffice, FolderOffice, NetworkOffice
from printing.outcome import OutcomeKind
from tests.printing.samples import VirtualClock

PDF = b"%PDF-1.4 page"
C, P, U, R = OutcomeKind


class Stuck(MemoryLink):
    """Takes so many bytes and no more."""

    room = 4

    def write(self, data: bytes, wait_seconds: float) -> int:
        taken = min(len(data), max(self.room - len(self.written), 0))
        return super().write(data[:taken], wait_seconds)


class Torn(MemoryLink):
    def write(self, data: bytes, wait_seconds: float) -> int:
        raise Offline("the line broke")


def network(link: Link) -> NetworkOffice:
    return NetworkOffice(lambda: link, clock=VirtualClock())


def test_a_network_printer_gets_the_page_whole() -> None:
    link = MemoryLink()
    assert network(link).hand(PDF, "a").kind is P
    assert bytes(link.written) == PDF


def test_a_network_printer_that_is_gone_takes_nothing_and_one_that_stops_is_unsure() -> None:
    def gone() -> Link:
        raise Offline("it does not answer")

    assert NetworkOffice(gone, clock=VirtualClock()).hand(PDF, "a").kind is R
    stuck = Stuck()
    assert network(stuck).hand(PDF, "a").kind is U
    stuck.room = 0
    stuck.written.clear()
    assert network(stuck).hand(PDF, "a").kind is R
    assert network(Torn()).hand(PDF, "a").kind is U


def script(text: str, *more: str) -> CommandOffice:
    return CommandOffice([sys.executable, "-c", text, *more], seconds=10)


def test_a_command_gets_the_file_and_no_shell(tmp_path: Path) -> None:
    out = tmp_path / "seen"
    text = "import sys, shutil; shutil.copy(sys.argv[1], sys.argv[2])"
    assert script(text, "{file}", str(out)).hand(PDF, "a; rm -rf $HOME").kind is P
    assert out.read_bytes() == PDF


def test_a_command_that_refuses_says_why_and_may_be_tried_again() -> None:
    text = "import sys; print('no such printer', file=sys.stderr); sys.exit(3)"
    outcome = script(text, "{file}").hand(PDF, "a")
    assert outcome.kind is R
    assert "no such printer" in str(outcome.reason)
    assert outcome.reason is not None
    assert outcome.reason.may_pass
    missing = CommandOffice(["/nowhere/lp", "{file}"], seconds=5).hand(PDF, "a")
    assert missing.kind is R
    assert "/nowhere/lp" in str(missing.reason)


def test_a_command_that_never_ends_is_unsure() -> None:
    office = CommandOffice(
        [
            sys.executable,
            "-c",
            "import sys; sys.stdin.read(); import time; time.sleep(60)",
            "{file}",
        ],
        seconds=0.5,
    )
    assert office.hand(PDF, "a").kind is U


def test_a_folder_holds_the_page_whole_or_not(tmp_path: Path) -> None:
    assert FolderOffice(tmp_path / "out").hand(PDF, "T01-1").kind is C
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["T01-1.pdf"]
    (tmp_path / "file").write_text("")
    assert FolderOffice(tmp_path / "file").hand(PDF, "a").kind is R
