"""The REVMax answer, read with everything boxes are known to do to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fiscal import decimal_json

_KNOWN = (
    "code",
    "message",
    "qrcode",
    "verificationcode",
    "verificationlink",
    "deviceid",
    "deviceserialnumber",
    "fiscalday",
    "data",
)


class EnvelopeInvalid(ValueError):
    """The answer is not an envelope at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """One answer. The HTTP status says nothing; success is Code "1" as text and nothing else.

    Attributes:
        fiscal_day: the day the device is on when it answers, not the day of any receipt.
        data: an object or a list; None for an empty text, a null or anything unreadable.
        extra: other top-level values, keys in lower case.
        raw: the answer as it came.
    """

    code: str
    message: str
    qr: str
    verification_code: str
    verification_link: str
    device_id: str
    device_serial: str
    fiscal_day: str
    data: Mapping[str, Any] | list[Any] | None
    extra: Mapping[str, Any]
    raw: Mapping[str, Any]

    @property
    def is_success(self) -> bool:
        """Code "1"."""
        return self.code == "1"

    @property
    def is_refusal(self) -> bool:
        """Code "0"; any other code is neither a yes nor a no."""
        return self.code == "0"

    @property
    def object(self) -> Mapping[str, Any]:
        """Data as an object with keys in lower case; empty when it is none."""
        return lowered(self.data) if isinstance(self.data, Mapping) else {}

    @property
    def rows(self) -> list[Mapping[str, Any]]:
        """Data as a list of objects with keys in lower case."""
        entries = self.data if isinstance(self.data, list) else []
        return [lowered(entry) for entry in entries if isinstance(entry, Mapping)]


def read(answer: Any) -> Envelope:
    """Read an answer whatever the case of its keys; raises EnvelopeInvalid."""
    if not isinstance(answer, Mapping):
        raise EnvelopeInvalid("the answer is not an object")
    values = lowered(answer)
    if "code" not in values:
        raise EnvelopeInvalid("the answer has no Code")
    return Envelope(
        code=text(values["code"]),
        message=text(values.get("message")),
        qr=text(values.get("qrcode")),
        verification_code=text(values.get("verificationcode")),
        verification_link=text(values.get("verificationlink")),
        device_id=text(values.get("deviceid")),
        device_serial=text(values.get("deviceserialnumber") or values.get("deviceserial")),
        fiscal_day=text(values.get("fiscalday")),
        data=_data(values.get("data")),
        extra={key: value for key, value in values.items() if key not in _KNOWN},
        raw=answer,
    )


def lowered(data: Mapping[str, Any]) -> dict[str, Any]:
    """The same object with keys in lower case."""
    return {str(key).lower(): value for key, value in data.items()}


def text(value: Any) -> str:
    """A scalar as trimmed text; a missing or null one, or a flag, is empty."""
    if value is None or isinstance(value, bool | Mapping | list):
        return ""
    return str(value).strip()


def whole(value: Any) -> int | None:
    """A whole number however it was written, or None."""
    written = text(value)
    return int(written) if written.isascii() and written.isdigit() else None


def _data(value: Any) -> Mapping[str, Any] | list[Any] | None:
    if isinstance(value, str) and value.strip()[:1] in {"{", "["}:
        try:
            value = decimal_json.loads(value)
        except ValueError:
            return None
    return value if isinstance(value, Mapping | list) and value else None
