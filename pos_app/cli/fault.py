"""What a command says about an error nobody foresaw: one sentence, and where its trace lies."""

from __future__ import annotations

import errno
import os
import sys
import tempfile
import traceback

from pos_app.errors import DiskFull, OutcomeUnknown, PosError, Unavailable

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})


class SystemRefused(Unavailable):
    """The operating system does not let a command do what it has to."""

    code = "system_refused"

    def __init__(self, what: str) -> None:
        super().__init__(what.rstrip(".") + ".")


class ProgramFault(OutcomeUnknown):
    """A fault of the program itself: how far it came is not known."""

    code = "program_fault"

    def __init__(self, kind: str, trace: str) -> None:
        kept = f", and send {trace} to support" if trace else ""
        super().__init__(
            f"The program met a fault it does not know ({kind}): look up what was saved before "
            f"you try again{kept}.",
            kind=kind,
            trace=trace,
        )


def is_debugging() -> bool:
    """Whether traces are wanted on standard error (``POS_DEBUG=1``)."""
    return os.environ.get("POS_DEBUG") == "1"


def known(error: Exception) -> PosError:
    """The error in the shop's own words; a trace of one nobody foresaw is kept in a file."""
    if is_debugging():
        traceback.print_exception(error, file=sys.stderr)
    if isinstance(error, PosError):
        return error
    if isinstance(error, OSError):
        return _refused(error)
    return ProgramFault(type(error).__name__, _keep(error))


def _refused(error: OSError) -> PosError:
    if error.errno in NO_ROOM:
        return DiskFull(str(error.filename or "this computer"))
    if error.errno is None:
        return SystemRefused(str(error) or type(error).__name__)
    where = f"{error.filename} cannot be used" if error.filename else "The system refuses"
    return SystemRefused(f"{where} ({error.strerror}): correct that and try again")


def _keep(error: Exception) -> str:
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="pos-fault-", suffix=".txt", delete=False, encoding="utf-8"
        ) as file:
            traceback.print_exception(error, file=file)
            return file.name
    except (OSError, ValueError):
        return ""
