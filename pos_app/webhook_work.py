"""Webhooks of one server: where they may go, what sends them, and the lanes that do."""

from __future__ import annotations

import ipaddress
from functools import partial
from random import SystemRandom

from pos_app.bootstrap import Installation
from pos_app.config import Settings
from pos_app.errors import ConfigInvalid
from pos_app.lane import Lane
from pos_app.secret import Secrets
from pos_app.services.seal import Seal
from pos_app.services.webhook import book, work
from pos_app.services.worked import Worked
from sync.webhook.address import Policy
from sync.webhook.sender import Sender

LANES = 3
"""So many webhooks are told at a time; one of them gets one notice at a time."""

LOOPBACK = ("127.0.0.0/8", "::1/128")


def policy_of(settings: Settings) -> Policy:
    """Where webhooks may go: what the settings name, and in the demo this very machine.

    Raises:
        ConfigInvalid: a network is none.
    """
    names = (*settings.webhook.networks, *(LOOPBACK if settings.server.is_demo else ()))
    try:
        return Policy(networks=tuple(ipaddress.ip_network(name) for name in names))
    except ValueError as error:
        raise ConfigInvalid("the config", "webhook.networks", str(error)) from error


def seal_of(settings: Settings, secrets: Secrets) -> Seal:
    """What the secrets of webhooks are sealed with; the same in every process of a server."""
    wanted = settings.server.seal_secret or settings.server.jwt_secret
    return Seal(secrets.resolve(wanted), book.PURPOSE)


def lanes(installation: Installation) -> list[Lane]:
    """The lanes that tell others; none on a server without a secret of its own."""
    settings = installation.settings
    if not (settings.server.seal_secret or settings.server.jwt_secret):
        return []
    told: partial[Worked] = partial(
        work.work,
        installation.shop,
        Sender(policy_of(settings)),
        seal=seal_of(settings, installation.secrets),
        rng=SystemRandom(),
    )
    seconds = settings.webhook.poll_seconds
    clock = installation.shop.clock
    return [
        Lane(f"webhook-{number}", told, clock=clock, idle_seconds=seconds)
        for number in range(LANES)
    ]
