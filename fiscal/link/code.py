"""Why a device ends an exchange."""

from __future__ import annotations

from enum import StrEnum


class LinkCode(StrEnum):
    """The payload of an error frame; by the frame it answers nothing was executed.

    REPLY_TOO_LONG alone says that it was, and that the reply is more than the link carries.
    """

    STALE_SESSION = "STALE_SESSION"
    STALE_SEQ = "STALE_SEQ"
    SEQ_CONFLICT = "SEQ_CONFLICT"
    BUSY = "BUSY"
    TOO_LONG = "TOO_LONG"
    BAD_MESSAGE = "BAD_MESSAGE"
    UNREADABLE = "UNREADABLE"
    NOTHING = "NOTHING"
    REPLY_TOO_LONG = "REPLY_TOO_LONG"
