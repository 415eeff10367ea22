"""Bodies of ``/api/TwoFactor``."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from pos_app.api.shopinventory.schemas.auth import Secret
from pos_app.api.wire import Answer, Question

Code = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]


class EnterCode(Question):
    """What the telephone shows."""

    code: Code = Field(repr=False)


class VerifyCode(EnterCode):
    """The same, or one of the backup codes."""

    is_backup_code: bool = False


class DisableTwoFactor(EnterCode):
    """Password and code together."""

    password: Secret = Field(repr=False)


class TwoFactorState(Answer):
    """Whether it is on."""

    is_enabled: bool
    backup_codes_remaining: int
    enabled_at: datetime | None


class TwoFactorSetup(Answer):
    """What goes into the telephone; the codes are good once the first code was verified."""

    secret_key: str
    qr_code_uri: str
    manual_entry_key: str
    backup_codes: list[str]


class BackupCodes(Answer):
    """That it is done, with the backup codes where there are new ones."""

    message: str
    backup_codes: list[str]
