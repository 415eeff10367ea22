"""Changing a password: what is refused, and how long a way back by mail is open."""

from __future__ import annotations

from datetime import timedelta

from pos_app.errors import Conflict, InvalidInput, RuleBroken, Unavailable

PAST = 5
"""So many passwords back none may be taken again, the present one included."""

TOKEN_LIFE = timedelta(hours=24)
ASKED_MOST, ASKED_WITHIN = 5, timedelta(hours=1)
"""So often one address may ask for a mail (contract §2.1); a user gets no more of them either."""


class CurrentPasswordWrong(InvalidInput):
    """Somebody who is signed in did not know the own password."""

    code = "current_password_wrong"

    def __init__(self) -> None:
        super().__init__("The current password is wrong: type it again.")


class PasswordUsedBefore(InvalidInput):
    """A new password is one of the last ones."""

    code = "password_used_before"

    def __init__(self) -> None:
        super().__init__(f"This is one of your last {PAST} passwords: choose another one.")


class PasswordsDiffer(InvalidInput):
    """The new password was not typed the same twice."""

    code = "passwords_differ"

    def __init__(self) -> None:
        super().__init__("The two new passwords are not the same: type both again.")


class PasswordMoved(Conflict):
    """The password was changed by somebody else at the same time."""

    code = "password_moved"

    def __init__(self) -> None:
        super().__init__("The password has just been changed from elsewhere: sign in again.")


class ResetTokenInvalid(InvalidInput):
    """A token from a mail is unknown, was used, or is over; never told apart."""

    code = "reset_token_invalid"

    def __init__(self) -> None:
        super().__init__("This link is no good any more: ask for a new mail.")


class ResetAskedTooOften(RuleBroken):
    """One address asked for too many mails."""

    code = "reset_asked_too_often"

    def __init__(self, seconds: int) -> None:
        super().__init__(
            f"Too many requests for a new password: try again in {-(-seconds // 60)} minutes.",
            retry_after=seconds,
        )


class SecretLost(Unavailable):
    """What was sealed cannot be opened with the server's present secret."""

    code = "secret_lost"

    def __init__(self) -> None:
        super().__init__(
            "The server's secret is not the one this was sealed with: "
            "put the old one back, or reset the second factor of this user."
        )
