"""From our words to the contract's."""

from __future__ import annotations

from pos_app.api.shopinventory.schemas.auth import UserInfo
from pos_app.services.session import Account


def user_info(account: Account) -> UserInfo:
    """An account as ``UserInfo``."""
    return UserInfo(
        username=account.actor.username,
        role=account.actor.role,
        email=account.email or None,
        assigned_warehouse_code=account.warehouses[0] if account.warehouses else None,
        assigned_warehouse_codes=list(account.warehouses),
        allowed_payment_methods=list(account.payment_methods),
    )
