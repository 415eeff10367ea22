"""The limits an administrator set, kept in the database, so that every process has them."""

from __future__ import annotations

import json

from sqlalchemy import Connection

from pos_app.domain.permission import Actor
from pos_app.domain.rate_limit import RateConfig, Rules
from pos_app.services.shop import Shop
from pos_app.store import audit, setting
from pos_app.store import rate_limit as rates

NAME = "rate_limit"


def read(connection: Connection, rules: Rules) -> RateConfig:
    """What was set, or what the server began with."""
    text = setting.read(connection, NAME)
    if text is None:
        return RateConfig(requests=rules.everything.requests, seconds=rules.everything.seconds)
    told = json.loads(text)
    return RateConfig(
        requests=told["requests"],
        seconds=told["seconds"],
        block_minutes=told["block_minutes"],
        is_enabled=told["is_enabled"],
        free_addresses=frozenset(told["free_addresses"]),
        free_keys=frozenset(told["free_keys"]),
    )


def config(shop: Shop, rules: Rules) -> RateConfig:
    """What holds now."""
    with shop.store.read() as connection:
        return read(connection, rules)


def change(shop: Shop, actor: Actor, wanted: RateConfig) -> None:
    """Set it for every process; all windows begin afresh."""
    told = {
        "requests": wanted.requests,
        "seconds": wanted.seconds,
        "block_minutes": wanted.block_minutes,
        "is_enabled": wanted.is_enabled,
        "free_addresses": sorted(wanted.free_addresses),
        "free_keys": sorted(wanted.free_keys),
    }
    with shop.store.write() as connection:
        setting.write(connection, NAME, json.dumps(told, sort_keys=True))
        rates.reset(connection, None)
        audit.append(
            connection,
            at=shop.clock.now(),
            actor=actor.username,
            action="rate_limit.change",
            subject=NAME,
            details=told,
        )
