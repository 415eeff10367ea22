"""What happens around a box: its network, its clock, its certificate, and the authority's hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fiscal.simulator.device import Device


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
        if name not in _CHANGES or not isinstance(value, _CHANGES[name][0]):
            known = ", ".join(f"{key} ({_KINDS[kind]})" for key, (kind, _) in _CHANGES.items())
            raise WorldInvalid(f"{name} cannot be set to {value!r}; use one of {known}.")
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


_KINDS = {bool: "true or false", int: "a whole number", int | float: "a number"}

_CHANGES: Mapping[str, tuple[Any, Callable[[Device, Any], None]]] = {
    "network": (bool, _reach),
    "lose": (int, _lose),
    "redeliver": (bool, _redeliver),
    "clock_ahead_seconds": (int | float, _turn_clock),
    "renew_certificate": (bool, _renew),
    "restart_numbers": (bool, _restart_numbers),
    "close_day": (bool, _close_day),
}
