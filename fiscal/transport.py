"""From an address in the configuration to the way to that device."""

from __future__ import annotations

from fiscal.clock import Clock
from fiscal.http_transport import HttpTransport
from fiscal.port import LinkHello, Transport
from fiscal.serial_transport import SerialTransport

__all__ = ["LinkHello", "Transport", "open_transport"]


def open_transport(url: str, clock: Clock) -> Transport:
    """The way to the device of an address; nothing is opened before the first request.

    Args:
        url: ``http://`` or ``https://`` for a box on the network; anything else is a serial port:
            a path such as ``/dev/serial/by-id/…``, ``COM3``, or a pyserial URL such as
            ``socket://192.0.2.7:4001``.
        clock: lets time pass between attempts.
    """
    if url.lower().startswith(("http://", "https://")):
        return HttpTransport(url, clock)
    return SerialTransport(url, clock)
