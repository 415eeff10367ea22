"""Cutting a client's connection where the sandboxes are told to."""

from __future__ import annotations

import asyncio

import pytest

from sandbox.connection import Connections

SCOPE = {"client": ("127.0.0.1", 40000)}


async def gone() -> dict[str, str]:
    return {"type": "http.disconnect"}


def test_a_client_that_hung_up_first_is_gone_already() -> None:
    connections = Connections()
    connections.protocol()
    asyncio.run(connections.abort(SCOPE, gone))


def test_a_server_of_another_protocol_is_named() -> None:
    with pytest.raises(LookupError, match="not started"):
        asyncio.run(Connections().abort(SCOPE, gone))
