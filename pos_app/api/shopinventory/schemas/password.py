"""Bodies of ``/api/Password``."""

from __future__ import annotations

from pydantic import Field

from pos_app.api.shopinventory.schemas.auth import Email, Secret, Token, Username
from pos_app.api.wire import Answer, Question


class ChangePassword(Question):
    """The own password, old and new; a ``username`` is read and not believed."""

    current_password: Secret = Field(repr=False)
    new_password: Secret = Field(repr=False)
    confirm_password: Secret = Field(repr=False)


class UpdateCredentials(Question):
    """The own user name and address, by password; null leaves one as it is."""

    username: Username | None = None
    email: Email | None = None
    current_password: Secret = Field(repr=False)


class Credentials(Answer):
    """How one signs in."""

    username: str
    email: str | None
    message: str


class RequestReset(Question):
    """Whose password is lost, by e-mail address."""

    email: Email


class CompleteReset(Question):
    """A new password with the token of a mail."""

    token: Token = Field(repr=False)
    new_password: Secret = Field(repr=False)
    confirm_password: Secret = Field(repr=False)


class TokenState(Answer):
    """Whether a token is still good."""

    message: str
    is_valid: bool
