"""Bodies of ``/api/Auth``."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from pos_app.api.wire import Answer, Question

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=255)]
Secret = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Token = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Username = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=50)]
Email = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=255, pattern=r"^[^@\s]+@[^@\s]+$")
]


class Login(Question):
    """A sign-in; the user is known by name or e-mail, in any case.

    With a ``twoFactorToken`` of an earlier answer and its code it is the second leg.
    """

    username: Name
    password: Secret = Field(repr=False)
    two_factor_token: Token | None = Field(default=None, repr=False)
    two_factor_code: Token | None = Field(default=None, repr=False)
    is_backup_code: bool = False


class SecondFactor(Question):
    """The second leg of a sign-in: the token of the first, and the code."""

    two_factor_token: Token = Field(repr=False)
    code: Token = Field(repr=False)
    is_backup_code: bool = False


class RefreshToken(Question):
    """The token to exchange or to end."""

    refresh_token: Token = Field(repr=False)


class Register(Question):
    """A new user."""

    username: Username
    email: Email | None = None
    password: Secret = Field(repr=False)
    role: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
    assigned_warehouse_codes: list[str] = Field(default_factory=list, max_length=100)


class UserInfo(Answer):
    """Who is signed in, and where they may work."""

    username: str
    role: str
    email: str | None = None
    assigned_warehouse_code: str | None = None
    assigned_warehouse_codes: list[str]
    allowed_payment_methods: list[str]

    card_code: str | None = None  # of a portal account: whose documents it sees
    must_change_password: bool = False  # others were given it, too: nothing else is open


class LoginAnswer(Answer):
    """Tokens of a session; or, while the code is missing, the token that goes with the code."""

    requires_two_factor: bool = False
    two_factor_token: str | None = None
    access_token: str | None = None
    refresh_token: str | None = None
    expires_at: datetime | None = None
    token_type: str = "Bearer"  # noqa: S105 - the scheme's name
    user: UserInfo | None = None
    session_ends_at: datetime | None = None  # then the next sign-in by password is due


class SessionDto(Answer):
    """A sign-in that is still good."""

    session_id: str
    device: str | None
    ip_address: str | None
    created_at: datetime
    last_used_at: datetime
    ends_at: datetime
    is_current: bool


class SessionList(Answer):
    """The own sessions, the last used first."""

    count: int
    items: list[SessionDto]


class EndSessions(Question):
    """Which of the own sessions end: the named one, or without a name all others."""

    current_password: Secret = Field(repr=False)
    session_id: Annotated[str, StringConstraints(min_length=1, max_length=50)] | None = None


class EndedSessions(Answer):
    """How many ended."""

    ended: int
    message: str
