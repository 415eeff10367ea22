"""What every route can ask for."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Semaphore
from typing import Annotated

from fastapi import Depends, Request

from pos_app.api.auth import Tokens
from pos_app.api.metrics import Metrics
from pos_app.api.settings import ApiSettings
from pos_app.services.rate_limit.limiter import Limiter
from pos_app.services.seal import Seal
from pos_app.services.shop import Shop


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """One server at work.

    Attributes:
        seal: what second factors are sealed with.
        patience: how many requests may wait for SAP at once; the others are answered at once.
        hashing: how many passwords are checked at once; each takes 19 MiB for a while.
    """

    shop: Shop
    settings: ApiSettings
    tokens: Tokens
    seal: Seal
    limiter: Limiter
    metrics: Metrics
    patience: Semaphore = field(default_factory=lambda: Semaphore(8))
    hashing: Semaphore = field(default_factory=lambda: Semaphore(2))

    def post_soon(self) -> None:
        """Wake the SAP worker, where one runs here: something was queued."""
        if self.settings.post_soon is not None:
            self.settings.post_soon()


def context_of(request: Request) -> Context:
    """The server a request came to."""
    found: Context = request.app.state.context
    return found


# Dependencies that ask nobody are coroutines: any other goes to a thread of its own.
async def _server(request: Request) -> Context:
    return context_of(request)


async def _shop(request: Request) -> Shop:
    return context_of(request).shop


Server = Annotated[Context, Depends(_server)]
TheShop = Annotated[Shop, Depends(_shop)]
