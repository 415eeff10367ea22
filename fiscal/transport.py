"""From an address in the configuration to the way to that device."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fiscal.clock import Clock
from fiscal.port import Transport

if TYPE_CHECKING:
    from fiscal.serial_port import Line

__all__ = ["Transport", "open_transport"]


def open_transport(
    url: str, clock: Clock, *, line: Line | None = None, device_id: str = ""
) -> Transport:
    """The way to the device of an address; nothing is opened before the first request.

    Args:
        url: ``http://`` or ``https://`` for a box on the network; anything else is a serial port:
            a path such as ``/dev/serial/by-id/…``, ``COM3``, a pattern such as ``/dev/ttyUSB*``
            or ``COM*`` whose ports are all greeted until the device answers, or a pyserial URL:
            ``socket://192.0.2.7:4001`` for raw bytes over TCP, ``rfc2217://192.0.2.7:4001`` for a
            serial server that also sets the speed.
        clock: lets time pass between attempts.
        line: how a serial line is set.
        device_id: of the only device spoken to over a serial line; empty for whichever greets.
    """
    if url.lower().startswith(("http://", "https://")):
        from fiscal.http_transport import HttpTransport

        return HttpTransport(url, clock)
    from fiscal.serial_transport import SerialTransport

    return SerialTransport(url, clock, line=line, device_id=device_id)
