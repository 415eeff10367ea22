"""From our words to the contract's: tokens and sessions."""

from __future__ import annotations

from collections.abc import Sequence

from pos_app.api.auth import Access
from pos_app.api.shopinventory.codec import user_info
from pos_app.api.shopinventory.schemas.auth import (
    EndedSessions,
    LoginAnswer,
    SessionDto,
    SessionList,
)
from pos_app.services.own_session import OpenSession
from pos_app.services.session import SignedIn


def signed_in(begun: SignedIn, access: Access) -> LoginAnswer:
    """A session that has begun or goes on."""
    return LoginAnswer(
        access_token=access.token,
        refresh_token=begun.refresh_token,
        expires_at=access.expires_at,
        user=user_info(begun.account),
        session_ends_at=begun.account.ends_at,
    )


def sessions(found: Sequence[OpenSession], *, current: str) -> SessionList:
    """The own sessions, the one that asks among them."""
    rows = [
        SessionDto(
            session_id=one.id,
            device=one.device or None,
            ip_address=one.address or None,
            created_at=one.began_at,
            last_used_at=one.used_at,
            ends_at=one.ends_at,
            is_current=one.id == current,
        )
        for one in found
    ]
    return SessionList(count=len(rows), items=rows)


def ended(count: int) -> EndedSessions:
    """How many have ended."""
    told = "1 session has ended." if count == 1 else f"{count} sessions have ended."
    return EndedSessions(ended=count, message=told)
