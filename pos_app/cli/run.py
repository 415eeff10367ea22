"""Entry point for ``python -m pos_app.cli.run``, for children that must be this very program."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

from pos_app.cli import main

PARENT = "POS_ENDS_WITH"
"""The environment variable with the process id of a parent whose end is to be the child's end."""

_PR_SET_PDEATHSIG = 1


def end_with(parent: int) -> None:
    """Let this process be killed when its parent is gone, however that came; Linux only."""
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit(0)


if __name__ == "__main__":
    told = os.environ.pop(PARENT, "")
    if told.isdecimal():
        end_with(int(told))
    main()
