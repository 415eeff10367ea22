"""Addresses of printers, read and checked before anything is opened.

  /dev/ttyUSB0, /dev/serial/by-id/..., a pseudo-terminal, COM3     serial line
  /dev/usb/lp0, or a link to it                                    line printer
  tcp://host:9100, socket://host:port                              network
  file:///path/to/file                                             appended to
  memory://                                                        kept in memory
  rfc2217://host:port, loop://                                     serial line elsewhere

``?baud=19200&flow=xonxoff`` after any serial address overrides the profile.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from printing.errors import InvalidAddress
from printing.profile import Flow, Profile

RAW_PORT = 9100
"""Where network printers listen for bytes."""


class Way(StrEnum):
    """What kind of line leads to a printer."""

    PATH = "path"
    SERIAL_SERVER = "serial_server"
    NETWORK = "network"
    FILE = "file"
    MEMORY = "memory"


@dataclass(frozen=True, slots=True)
class LineSettings:
    """Speed and flow control of a serial line."""

    baud: int
    flow: Flow


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A printer's address, taken apart.

    Attributes:
        place: a path, a host, or a whole URL for a serial line elsewhere.
        port: of a network printer.
        line: of a serial line.
    """

    way: Way
    place: str
    port: int = RAW_PORT
    line: LineSettings


def parse(text: str, profile: Profile) -> Address:
    """Take an address apart.

    Args:
        text: see the module.
        profile: gives speed and flow control of serial lines.

    Raises:
        InvalidAddress: it can never work.
    """
    bare, line = _settings(text, profile)
    parts = _parts(text, bare)
    scheme = parts.scheme.lower() if "://" in bare else ""
    match scheme:
        case "tcp" | "socket":
            host, port = _host_port(text, bare)
            return Address(way=Way.NETWORK, place=host, port=port or RAW_PORT, line=line)
        case "file":
            return Address(way=Way.FILE, place=_file(text, bare), line=line)
        case "memory":
            return Address(way=Way.MEMORY, place=bare, line=line)
        case "rfc2217":
            if not _host_port(text, bare)[1]:
                raise InvalidAddress(text, "it names no port")
            return Address(way=Way.SERIAL_SERVER, place=bare, line=line)
        case "loop":
            return Address(way=Way.SERIAL_SERVER, place=bare, line=line)
        case "":
            if not bare:
                raise InvalidAddress(text, "it is empty")
            return Address(way=Way.PATH, place=bare, line=line)
    raise InvalidAddress(text, f"nothing here speaks {scheme}")


def _settings(text: str, profile: Profile) -> tuple[str, LineSettings]:
    settings = LineSettings(profile.baud, profile.flow)
    bare, mark, query = text.strip().partition("?")
    if not mark:
        return bare, settings
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name == "baud" and value.isdecimal() and int(value) > 0:
            settings = replace(settings, baud=int(value))
        elif name == "flow" and value in tuple(Flow):
            settings = replace(settings, flow=Flow(value))
        else:
            flows = ", ".join(Flow)
            raise InvalidAddress(text, f"after ? come baud=NUMBER and flow={flows}")
    return bare, settings


def _parts(text: str, bare: str) -> SplitResult:
    try:
        return urlsplit(bare)
    except ValueError as error:
        raise InvalidAddress(text, "its host cannot be read") from error


def _host_port(text: str, bare: str) -> tuple[str, int]:
    parts = _parts(text, bare)
    try:
        port = parts.port
    except ValueError as error:
        raise InvalidAddress(text, "its port is not a number to 65535") from error
    if not parts.hostname:
        raise InvalidAddress(text, "it names no host")
    return parts.hostname, port or 0


def _file(text: str, bare: str) -> str:
    parts = _parts(text, bare)
    if parts.netloc not in {"", "localhost"} or not parts.path.strip("/"):
        raise InvalidAddress(text, "a file is written as file:///folder/name")
    return unquote(parts.path)
