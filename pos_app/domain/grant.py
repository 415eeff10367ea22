"""Who may give which rights to whom: nobody more than he has, and never the last Admin's away."""

from __future__ import annotations

from collections.abc import Iterable

from pos_app.domain.permission import Actor, effective
from pos_app.domain.user import User
from pos_app.errors import NotAllowed, RuleBroken


class GrantTooWide(NotAllowed):
    """Somebody wants to give a right he does not have."""

    code = "grant_too_wide"

    def __init__(self, username: str, missing: Iterable[str]) -> None:
        named = sorted(missing)
        rest = f" and {len(named) - 1} more" if len(named) > 1 else ""
        super().__init__(
            f"{username} has not got {named[0]}{rest} and cannot give it: ask an administrator.",
            missing=named,
        )


class UserOutOfReach(NotAllowed):
    """Somebody wants to change a user who may more than he."""

    code = "user_out_of_reach"

    def __init__(self, username: str, other: str) -> None:
        super().__init__(
            f"{username} may do less than {other} and cannot change such a user: "
            "ask an administrator."
        )


class LastAdmin(RuleBroken):
    """Nobody would be left who can administer."""

    code = "last_admin"

    def __init__(self, username: str) -> None:
        super().__init__(
            f"{username} is the last active Admin: make somebody else Admin first.",
            username=username,
        )


def check_grant(actor: Actor, role: str, extra: Iterable[str] = ()) -> None:
    """Let an actor make somebody what he is himself, or less.

    Raises:
        GrantTooWide: the role or what is given beside it is more.
    """
    missing = {right for right in effective(role, extra) if not actor.may(right)}
    if missing:
        raise GrantTooWide(actor.username, missing)


def check_reach(actor: Actor, other: User) -> None:
    """Let an actor change a user who may no more than he, active or not.

    Whoever could change a mail address or a password of somebody mightier would become him.

    Raises:
        UserOutOfReach: that one may more.
    """
    rights = effective(other.role, other.permissions_extra)
    if not all(actor.may(right) for right in rights):
        raise UserOutOfReach(actor.username, other.username)
