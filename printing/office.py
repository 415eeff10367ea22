"""Ways to an office printer: pages as PDF, handed over whole; none of them can prove paper.

A printer on the network that takes PDF as it is (port 9100), the print command of the system as a
list of arguments (never through a shell), or a folder that something else watches.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Protocol

from printing.clock import Budget, Clock
from printing.errors import Offline, PrintingError, Unconfirmed
from printing.outcome import Outcome, OutcomeKind

if TYPE_CHECKING:  # a till that only knows of one opens no port
    from printing.link import Link
    from printing.transport import LinkFactory

FILE = "{file}"
"""Stands in a print command where the name of the PDF file belongs."""

STEP = 0.05
STALL_SECONDS = 10.0
SAID_MOST = 160


class OfficeRefused(PrintingError):
    """The page was not taken, and nothing of it was printed."""

    code = "office_refused"
    may_pass: ClassVar[bool] = True

    def __init__(self, reason: str) -> None:
        super().__init__(f"The office printer did not take the page: {reason}. See [office].")


class OfficePrinter(Protocol):
    """Where pages go."""

    def hand(self, pdf: bytes, name: str) -> Outcome:
        """Hand one page over once: PROBABLY, UNCONFIRMED, or REFUSED with nothing of it printed."""
        ...


class NetworkOffice:
    """A printer that takes PDF over a link, such as ``tcp://host:9100``."""

    def __init__(self, open_link: LinkFactory, *, clock: Clock) -> None:
        self._open = open_link
        self._clock = clock

    def hand(self, pdf: bytes, name: str) -> Outcome:
        """See OfficePrinter."""
        try:
            link = self._open()
        except Offline as error:
            return Outcome(kind=OutcomeKind.REFUSED, job_id=name, reason=error)
        try:
            sent = self._send(link, pdf)
            if sent < len(pdf):
                reason: PrintingError = Unconfirmed("it takes no more data")
                kind = OutcomeKind.UNCONFIRMED if sent else OutcomeKind.REFUSED
                return Outcome(kind=kind, job_id=name, reason=reason, sent=sent)
        except Offline as error:
            return Outcome(kind=OutcomeKind.UNCONFIRMED, job_id=name, reason=error)
        finally:
            link.close()
        return Outcome(kind=OutcomeKind.PROBABLY, job_id=name, sent=len(pdf))

    def _send(self, link: Link, pdf: bytes) -> int:
        sent, budget = 0, Budget(self._clock, STALL_SECONDS)
        while sent < len(pdf) and not budget.is_over:
            taken = link.write(pdf[sent:], STEP)
            sent += taken
            if taken:
                budget.refill()
            else:
                budget.spend(STEP)
        return sent


class CommandOffice:
    """The print command of the system, such as ``lp -d Office {file}``."""

    def __init__(self, command: Sequence[str], *, seconds: float) -> None:
        self._command = tuple(command)
        self._seconds = seconds

    def hand(self, pdf: bytes, name: str) -> Outcome:
        """See OfficePrinter; a command that ends well has taken the page into its own queue."""
        with tempfile.TemporaryDirectory(prefix="pos-page-", ignore_cleanup_errors=True) as folder:
            file = Path(folder) / "page.pdf"
            try:
                file.write_bytes(pdf)
                return self._run(file, name)
            except OSError as error:
                reason = f"{self._command[0]}: {error.strerror or error}"
                return _refused(name, reason)

    def _run(self, file: Path, name: str) -> Outcome:
        arguments = [part.replace(FILE, str(file)) for part in self._command]
        try:
            ran = subprocess.run(  # noqa: S603 - the shop's own command, and no shell
                arguments,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=self._seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            reason = Unconfirmed(f"{self._command[0]} did not end in {self._seconds:.0f} seconds")
            return Outcome(kind=OutcomeKind.UNCONFIRMED, job_id=name, reason=reason)
        if ran.returncode:
            said = (ran.stderr or ran.stdout).decode(errors="replace").strip().splitlines()
            told = said[0][:SAID_MOST] if said else f"it ended with {ran.returncode}"
            return _refused(name, f"{self._command[0]}: {told}")
        return Outcome(kind=OutcomeKind.PROBABLY, job_id=name)


class FolderOffice:
    """A folder in which each page becomes a file, whole or not there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def hand(self, pdf: bytes, name: str) -> Outcome:
        """See OfficePrinter; a page that lies in its folder is there."""
        file = self._folder / f"{name}.pdf"
        aside = file.with_name(f".{file.name}.part")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            aside.write_bytes(pdf)
            aside.replace(file)
        except OSError as error:
            with suppress(OSError):
                aside.unlink(missing_ok=True)
            return _refused(name, f"{file} cannot be written ({error.strerror or error})")
        return Outcome(kind=OutcomeKind.CONFIRMED, job_id=name)


def _refused(name: str, reason: str) -> Outcome:
    return Outcome(kind=OutcomeKind.REFUSED, job_id=name, reason=OfficeRefused(reason))
