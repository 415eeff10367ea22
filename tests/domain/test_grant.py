"""Nobody gives more than he has, and nobody changes somebody mightier."""

from __future__ import annotations

import pytest

from pos_app.domain.grant import GrantTooWide, UserOutOfReach, check_grant, check_reach
from pos_app.domain.permission import ROLE_PERMISSIONS, Role
from pos_app.domain.user import User


def one(role: str, *extra: str, is_active: bool = True) -> User:
    return User("U", "somebody", "Somebody", role, is_active, frozenset(extra))


@pytest.mark.parametrize("giver", list(Role))
@pytest.mark.parametrize("role", list(Role))
def test_a_role_is_given_by_whoever_has_all_of_it(giver: Role, role: Role) -> None:
    may = giver is Role.ADMIN or ROLE_PERMISSIONS[role] <= ROLE_PERMISSIONS[giver]
    if may:
        check_grant(one(giver).actor(), role)
        check_reach(one(giver).actor(), one(role))
    else:
        with pytest.raises(GrantTooWide):
            check_grant(one(giver).actor(), role)
        with pytest.raises(UserOutOfReach):
            check_reach(one(giver).actor(), one(role))


def test_what_is_given_beside_a_role_counts() -> None:
    check_grant(one(Role.POD_OPERATOR).actor(), "PodOperator")
    with pytest.raises(GrantTooWide, match=r"backups\.delete and cannot"):
        check_grant(one(Role.MANAGER).actor(), "Cashier", ["backups.delete"])
    check_grant(one(Role.MANAGER, "backups.delete").actor(), "Cashier", ["backups.delete"])


def test_somebody_inactive_is_as_mighty_as_he_would_be() -> None:
    with pytest.raises(UserOutOfReach):
        check_reach(one(Role.API_USER).actor(), one(Role.ADMIN, is_active=False))
