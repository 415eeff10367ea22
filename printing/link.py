"""Open ways to a printer: what each kind of port can do, with one kind of failure."""

from __future__ import annotations

import os
import select
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import serial

from printing.errors import Offline

try:
    import termios

    _TERMINAL_ERRORS: tuple[type[Exception], ...] = (termios.error,)
except ImportError:  # Windows
    _TERMINAL_ERRORS = ()

LINK_ERRORS: tuple[type[Exception], ...] = (
    serial.SerialException,
    OSError,
    TypeError,  # pyserial, when another thread closed the port
    ValueError,  # select, on a descriptor that is closed
    *_TERMINAL_ERRORS,
)
"""Everything an unplugged port has been seen to raise."""

CHUNK = 256
SLICE_SECONDS = 0.01
WRITE_SECONDS = 0.5


class Link(Protocol):
    """An open way to a printer; every call is bounded, every failure is Offline."""

    def write(self, data: bytes, wait_seconds: float) -> int:
        """Send what fits within the time; return how many bytes were taken, 0 if none."""
        ...

    def read(self, wait_seconds: float) -> bytes:
        """Return what arrived, waiting at most so long for the first byte."""
        ...

    def urgent(self, data: bytes) -> None:
        """Send past XOFF; drops what waits to be sent, and leaves XON to the reader.

        From here on XON and XOFF arrive as bytes, until `resume`.
        """
        ...

    def resume(self) -> None:
        """Obey XON and XOFF again, after XON was read."""
        ...

    def discard(self) -> None:
        """Drop what this machine has taken but not sent."""
        ...

    def close(self) -> None:
        """Let go of the port; never raises."""
        ...


@dataclass(slots=True)
class DescriptorLink:
    """A file descriptor in non-blocking mode: counts exactly what the kernel took.

    `may_read_nothing`: an empty read is no end of the line. USB printers send empty packets while
    they have nothing to say.
    """

    descriptor: int
    closer: Callable[[], object]
    serial_port: Any = None
    has_xonxoff: bool = False
    may_read_nothing: bool = False

    def write(self, data: bytes, wait_seconds: float) -> int:
        """See Link; writes once, as much as the kernel takes."""
        try:
            _, ready, _ = select.select([], [self.descriptor], [], wait_seconds)
            return os.write(self.descriptor, data) if ready else 0
        except BlockingIOError:
            return 0
        except LINK_ERRORS as error:
            raise Offline(f"the line broke while sending ({why_broken(error)})") from error

    def read(self, wait_seconds: float) -> bytes:
        """See Link; an empty packet takes the whole wait, or we would ask on at once."""
        try:
            ready, _, _ = select.select([self.descriptor], [], [], wait_seconds)
            data = os.read(self.descriptor, 4096) if ready else b""
            if ready and not data and self.may_read_nothing:
                select.select([], [], [], wait_seconds)
                return b""
        except BlockingIOError:
            return b""
        except LINK_ERRORS as error:
            raise Offline(f"the line broke ({why_broken(error)})") from error
        if ready and not data:
            raise Offline("the other end closed the line")
        return data

    def urgent(self, data: bytes) -> None:
        """See Link; XOFF would hold these bytes in the kernel for ever."""
        self.discard()
        self._obey_xonxoff(is_on=False)
        self.write(data, SLICE_SECONDS * 10)

    def resume(self) -> None:
        """See Link."""
        self._obey_xonxoff(is_on=True)

    def _obey_xonxoff(self, *, is_on: bool) -> None:
        if self.serial_port is None:
            return
        try:
            self.serial_port.xonxoff = is_on and self.has_xonxoff
        except LINK_ERRORS as error:
            raise Offline(f"the line broke ({why_broken(error)})") from error

    def discard(self) -> None:
        """See Link."""
        if self.serial_port is not None:
            close_quietly(self.serial_port.reset_output_buffer)

    def close(self) -> None:
        """See Link."""
        close_quietly(self.closer)


@dataclass(slots=True)
class SerialLink:
    """Any other pyserial port (Windows, rfc2217, loop): counts in chunks, all or none.

    Its timeouts are set once, at opening: some ports negotiate all settings anew at each change.
    """

    port: Any

    def write(self, data: bytes, wait_seconds: float) -> int:  # noqa: ARG002 - see above
        """See Link; a chunk that timed out may have gone out in part, so it is a broken line."""
        chunk = data[:CHUNK]
        try:
            self.port.write(chunk)
        except serial.SerialTimeoutException as error:
            raise Offline("the line took only part of the data", took_some=True) from error
        except LINK_ERRORS as error:
            raise Offline(f"the line broke ({why_broken(error)})", took_some=True) from error
        return len(chunk)

    def read(self, wait_seconds: float) -> bytes:
        """See Link."""
        slices = round(wait_seconds / SLICE_SECONDS)
        try:
            while not self.port.in_waiting and slices > 0:
                first = bytes(self.port.read(1))
                if first:
                    return first + bytes(self.port.read(self.port.in_waiting))
                slices -= 1
            return bytes(self.port.read(self.port.in_waiting))
        except LINK_ERRORS as error:
            raise Offline(f"the line broke ({why_broken(error)})") from error

    def urgent(self, data: bytes) -> None:
        """See Link."""
        self.discard()
        self.write(data, SLICE_SECONDS * 10)

    def resume(self) -> None:
        """Nothing was lifted."""

    def discard(self) -> None:
        """See Link."""
        close_quietly(self.port.reset_output_buffer)

    def close(self) -> None:
        """See Link."""
        close_serial(self.port)


@dataclass(slots=True)
class FileLink:
    """A file that is appended to and flushed to the disk; it never answers."""

    descriptor: int

    def write(self, data: bytes, wait_seconds: float) -> int:  # noqa: ARG002 - see Link
        """See Link."""
        try:
            written = os.write(self.descriptor, data)
            os.fsync(self.descriptor)
        except OSError as error:
            raise Offline(f"the file cannot be written ({error.strerror})") from error
        return written

    def read(self, wait_seconds: float) -> bytes:  # noqa: ARG002 - see Link
        """Nothing, at once."""
        return b""

    def urgent(self, data: bytes) -> None:
        """Nothing: there is nobody to ask."""

    def resume(self) -> None:
        """Nothing was lifted."""

    def discard(self) -> None:
        """Nothing waits."""

    def close(self) -> None:
        """See Link."""
        close_quietly(lambda: os.close(self.descriptor))


@dataclass(slots=True)
class MemoryLink:
    """Keeps what was written, answers with what was laid ready; survives close and reopen."""

    written: bytearray = field(default_factory=bytearray)
    answers: bytearray = field(default_factory=bytearray)

    def write(self, data: bytes, wait_seconds: float) -> int:  # noqa: ARG002 - see Link
        """See Link."""
        self.written += data
        return len(data)

    def read(self, wait_seconds: float) -> bytes:  # noqa: ARG002 - see Link
        """See Link."""
        data = bytes(self.answers)
        self.answers.clear()
        return data

    def urgent(self, data: bytes) -> None:
        """See Link."""
        self.written += data

    def resume(self) -> None:
        """Nothing was lifted."""

    def discard(self) -> None:
        """Nothing waits."""

    def close(self) -> None:
        """Nothing to let go of."""


def close_serial(port: Any) -> None:
    """Close a port that may be gone: pyserial raises before it closes the descriptor."""
    descriptor, left = getattr(port, "fd", None), getattr(port, "_socket", None)
    try:
        port.close()
    except LINK_ERRORS:
        if isinstance(descriptor, int):
            close_quietly(lambda: os.close(descriptor))
    if left is not None:
        close_quietly(left.close)  # pyserial 3.5 forgets a socket whose other end is gone


def close_quietly(close: Callable[[], object]) -> None:
    """Run what may fail because the port is gone already."""
    try:
        close()
    except LINK_ERRORS:
        return


def why_broken(error: Exception) -> str:
    """The cause of a failure, ready to stand inside a sentence."""
    text = getattr(error, "strerror", None) or str(error)
    return str(text).strip().rstrip(".")
