"""Bodies of ``/api/Auth``."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from pos_app.api.wire import Answer, Question

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=255)]
Secret = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Token = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class Login(Question):
    """A sign-in; the user is known by name or e-mail, in any case."""

    username: Name
    password: Secret = Field(repr=False)


class RefreshToken(Question):
    """The token to exchange or to end."""

    refresh_token: Token = Field(repr=False)


class Register(Question):
    """A new user."""

    username: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=50)]
    email: (
        Annotated[
            str,
            StringConstraints(strip_whitespace=True, max_length=255, pattern=r"^[^@\s]+@[^@\s]+$"),
        ]
        | None
    ) = None
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


class LoginAnswer(Answer):
    """Tokens of a session."""

    requires_two_factor: bool = False
    two_factor_token: str | None = None
    access_token: str
    refresh_token: str
    expires_at: datetime
    token_type: str = "Bearer"  # noqa: S105 - the scheme's name
    user: UserInfo
