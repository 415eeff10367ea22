"""The times of the link, as data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Timers:
    """Seconds.

    Attributes:
        resend: how long an acknowledgement is waited for before each repetition of a part; as many
            repetitions as there are entries, and the last wait once more.
        greeting: the same for a greeting, which nothing depends on; short, since it is tried at
            several speeds and a till waits for it.
        gap: a longer pause inside a frame ends it.
        busy: the device says so this often while it works.
        silence: how long the host bears hearing nothing while it waits for a reply.
        enquiry: how long it waits for an answer to each enquiry after that.
        enquiries: how many it sends.
        naks: how often a part is asked for again before the exchange is given up.
        byte: how long one byte is on the line; a part of a kilobyte takes longer at 9600 baud than
            its acknowledgement is waited for.
    """

    resend: tuple[float, ...] = (0.5, 1.0, 2.0)
    greeting: tuple[float, ...] = (0.5, 0.5)
    gap: float = 0.2
    busy: float = 0.25
    silence: float = 3.0
    enquiry: float = 1.0
    enquiries: int = 3
    naks: int = 3
    byte: float = 0.0
