"""What can go wrong between a sale and its fiscal receipt, by one question: was it filed?

    FiscalError
    ├── Unavailable       certainly nothing was filed: not connected, not sent, or only a read
    │   ├── LinkBusy      another process holds the port
    │   ├── NotThere      there is no such port, as when the cable is out
    │   ├── WrongDevice   a device answers that is not the one of the settings
    │   └── MapDiffers    it files taxes otherwise than the settings say
    ├── Rejected          the device refused, proven not filed by this request
    │   └── RequestInvalid    refused here, before a byte was sent
    ├── OutcomeUnknown    may have been filed; settled by looking it up, never by sending again
    └── ProfileUnknown    configuration names a device profile that does not exist

Production lessons L05 and L06.
"""

from __future__ import annotations

from enum import StrEnum


class FiscalError(Exception):
    """Root of the tree; ``str()`` is one sentence for the person at the till."""


class Unavailable(FiscalError):
    """The device cannot be reached or does not answer; certainly nothing was filed.

    Attributes:
        reason: what was seen, without the advice.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(
            f"The fiscal device is not available: {reason}. Check its power and its cable."
        )


class LinkBusy(Unavailable):
    """Another process holds the port of the device."""

    def __init__(self, port: str) -> None:
        super().__init__(f"another program is using {port}")
        self.port = port


class Resting(Unavailable):
    """It did not answer a moment ago and is left alone for a while.

    Attributes:
        seen: what was seen when it was asked last.
    """

    def __init__(self, seen: str, seconds: int) -> None:
        self.seen = seen
        when = f"{seconds} seconds" if seconds > 1 else "a second"
        super().__init__(f"{seen}; it is asked again in {when}")


class NotThere(Unavailable):
    """Nothing is at that address now: the cable is out, or the device is off."""

    def __init__(self, address: str) -> None:
        super().__init__(f"{address} cannot be reached, nothing is there")
        self.address = address


class WrongDevice(Unavailable):
    """What answers is not the device of this shop; nothing was sent to it.

    Attributes:
        what: which of its marks differs, such as ``device`` or ``TIN``.
        wanted: as the settings say, or as the device was that was greeted before.
        found: as the device says.
    """

    def __init__(self, what: str, *, wanted: str, found: str) -> None:
        super().__init__(f"its {what} is {found or 'not told'} where {wanted} is expected")
        self.what, self.wanted, self.found = what, wanted, found
        words = (
            f"This is not the fiscal device of this shop, {self.reason}: nothing was sent to it. "
            "Connect the right one or have the settings corrected."
        )
        self.args = (words,)


class MapDiffers(Unavailable):
    """The device files otherwise than it is asked to; nothing more is sent until that is right."""

    def __init__(self, how: str) -> None:
        super().__init__(f"it files {how}")
        words = (
            f"The fiscal device files {how}: nothing more is sent to it. "
            "Have the taxes in the settings compared with the device's."
        )
        self.args = (words,)


class Refusal(StrEnum):
    """Why the device refused, recognised by its texts."""

    DUPLICATE = "duplicate"
    NOT_FOUND = "not_found"
    DAY_CLOSED = "day_closed"
    INIT_ERROR = "init_error"
    CERTIFICATE_EXPIRED = "certificate_expired"
    CLOCK_BEHIND = "clock_behind"
    CREDIT_EXCEEDS = "credit_exceeds"
    OTHER = "other"


_TEXTS = (
    ("duplicate invoice number", Refusal.DUPLICATE),
    ("invoice not found", Refusal.NOT_FOUND),
    ("fiscal day is closed", Refusal.DAY_CLOSED),
    ("fiscal day has been open", Refusal.DAY_CLOSED),
    ("init error", Refusal.INIT_ERROR),
    ("certificate expired", Refusal.CERTIFICATE_EXPIRED),
    ("device clock is behind", Refusal.CLOCK_BEHIND),
    ("exceeds the original invoice amount", Refusal.CREDIT_EXCEEDS),
)

_OF_THE_DEVICE = frozenset(
    {
        Refusal.DAY_CLOSED,
        Refusal.INIT_ERROR,
        Refusal.CERTIFICATE_EXPIRED,
        Refusal.CLOCK_BEHIND,
    },
)


def refusal_of(text: str) -> Refusal:
    """Recognise a refusal by the device's own words."""
    lowered = text.casefold()
    return next((refusal for part, refusal in _TEXTS if part in lowered), Refusal.OTHER)


class Rejected(FiscalError):
    """The device answered Code 0: this request filed nothing and used no number.

    Attributes:
        code: the device's code as text.
        text: the device's own words.
        refusal: what the words mean.
    """

    def __init__(self, code: str, text: str) -> None:
        self.code = code
        self.text = text
        self.refusal = refusal_of(text)
        super().__init__(f"The fiscal device refused: {text or 'no reason given'}")

    @property
    def is_duplicate(self) -> bool:
        """Whether the number was filed before: look it up and compare (production lesson L06)."""
        return self.refusal is Refusal.DUPLICATE

    @property
    def is_about_device(self) -> bool:
        """Whether the device itself is not ready (day, init error, certificate, clock).

        The receipt is fine and may be sent unchanged once the device is well (lesson L33).
        """
        return self.refusal in _OF_THE_DEVICE


class RequestInvalid(Rejected):
    """The request cannot be filed as it stands; no byte of it was sent."""

    def __init__(self, why: str) -> None:
        super().__init__("", why)
        self.args = (f"The fiscal receipt cannot be sent: {why}.",)


class DayNotOpen(Rejected):
    """Closing was asked for and there is no open fiscal day; nothing was changed."""

    def __init__(self) -> None:
        super().__init__("", "fiscal day is closed already")
        self.args = ("The fiscal day is closed already.",)


class OutcomeUnknown(FiscalError):
    """Bytes left and no verified answer came: the device may have filed the receipt.

    Attributes:
        reason: what was seen.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(
            f"It is not known whether the fiscal device did it: {reason}. It will be asked."
        )


class ProfileUnknown(FiscalError):
    """Configuration names a device profile that does not exist."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        super().__init__(f"There is no fiscal profile {name!r}; use one of {', '.join(known)}.")
