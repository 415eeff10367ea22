"""The main contract: its bodies, its routes, and the words between its and ours."""

from __future__ import annotations

from fastapi import APIRouter

from pos_app.api.shopinventory.routes import auth, health

ROUTERS = (health.router, auth.router)


def router() -> APIRouter:
    """Every route of the contract, below ``/api``."""
    made = APIRouter()
    for part in ROUTERS:
        made.include_router(part)
    return made
