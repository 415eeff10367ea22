"""What happens around a box: its network, its clock, its certificate, and the authority's hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from fiscal.simulator.device import Device

_COUNT_MAX = 1000
_SECONDS_MAX = 10 * 366 * 86_400


class WorldInvalid(ValueError):
    """A change nobody can make; the sentence names the field."""


def change(device: Device, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Make changes in the order in which they are given, and tell how things stand.

    Args:
        device: the box.
        wanted: `network` true or false; `lose` receipts that the authority answers and forgets;
            `redeliver` those of the day; `clock_ahead_seconds` of the box; `renew_certificate`;
            `restart_numbers` with the next day; `close_day` by the authority's hand.

    Raises:
        WorldInvalid: an unknown field, or a value of the wrong kind; nothing was changed.
        Unreachable: a certificate was asked for without a network.
    """
    for name, value in wanted.items():
        if name not in _CHANGES or not _CHANGES[name][0](value):
            known = ", ".join(f"{key} ({_WORDS[kind]})" for key, (kind, _) in _CHANGES.items())
            raise WorldInvalid(f"{name} cannot be set to {value}; use one of {known}.")
    device.deliver()  # what was due before the change
    for name, value in wanted.items():
        _CHANGES[name][1](device, value)
    ledger = device.own_ledger()
    return {
        "network": device.gateway.is_reachable,
        "clock_ahead_seconds": ledger["device"]["clock_ahead_seconds"],
        "certificate_end": ledger["device"]["certificate"]["end"],
        "backlog": ledger["backlog"],
    }


def _reach(device: Device, up: bool) -> None:
    device.gateway.reach(up=up)


def _lose(device: Device, count: int) -> None:
    device.gateway.lose(count)


def _redeliver(device: Device, is_wanted: bool) -> None:
    if is_wanted:
        device.redeliver()


def _renew(device: Device, is_wanted: bool) -> None:
    if is_wanted:
        device.renew_certificate()


def _restart_numbers(device: Device, is_wanted: bool) -> None:
    if is_wanted:
        device.restart_numbers()


def _close_day(device: Device, is_wanted: bool) -> None:
    if is_wanted:
        device.close_by_authority()


def _turn_clock(device: Device, seconds: float) -> None:
    device.set_clock_ahead(float(seconds))


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _COUNT_MAX


def _is_time(value: Any) -> bool:
    is_number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    return is_number and abs(value) <= _SECONDS_MAX


_WORDS: Mapping[Callable[[Any], bool], str] = {
    _is_flag: "true or false",
    _is_count: f"0 to {_COUNT_MAX}",
    _is_time: f"seconds, up to {_SECONDS_MAX}",
}

_CHANGES: Mapping[str, tuple[Callable[[Any], bool], Callable[[Device, Any], None]]] = {
    "network": (_is_flag, _reach),
    "lose": (_is_count, _lose),
    "redeliver": (_is_flag, _redeliver),
    "clock_ahead_seconds": (_is_time, _turn_clock),
    "renew_certificate": (_is_flag, _renew),
    "restart_numbers": (_is_flag, _restart_numbers),
    "close_day": (_is_flag, _close_day),
}
