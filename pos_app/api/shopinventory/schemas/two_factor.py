"""Bodies of ``/api/TwoFactor``."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints
from pydantic.config import JsonValue

from pos_app.api.shopinventory.schemas.auth import Secret
from pos_app.api.wire import Answer, Question

Code = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
BACKUP_EXAMPLE: list[JsonValue] = ["1-k7qmx-2vd9h", "2-bn5wt-c8rzp"]


class EnterCode(Question):
    """What the telephone shows."""

    code: Code = Field(repr=False)

    model_config = ConfigDict(json_schema_extra={"examples": [{"code": "123456"}]})


class VerifyCode(EnterCode):
    """The same, or one of the backup codes."""

    is_backup_code: bool = False

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"code": "123456", "isBackupCode": False}]}
    )


class DisableTwoFactor(EnterCode):
    """Password and code together."""

    password: Secret = Field(repr=False)

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"password": "0ld!Passw0rd-1", "code": "123456"}]}
    )


class TwoFactorState(Answer):
    """Whether it is on."""

    is_enabled: bool
    backup_codes_remaining: int
    enabled_at: datetime | None

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"isEnabled": False, "backupCodesRemaining": 0, "enabledAt": None}]
        }
    )


class TwoFactorSetup(Answer):
    """What goes into the telephone; the codes are good once the first code was verified."""

    secret_key: str
    qr_code_uri: str
    manual_entry_key: str
    backup_codes: list[str]

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "secretKey": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
                    "qrCodeUri": "otpauth://totp/ShopInventory:jdoe?"
                    "secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=ShopInventory",
                    "manualEntryKey": "JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP",
                    "backupCodes": BACKUP_EXAMPLE,
                }
            ]
        }
    )


class BackupCodes(Answer):
    """That it is done, with the backup codes where there are new ones."""

    message: str
    backup_codes: list[str]

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"message": "Done.", "backupCodes": BACKUP_EXAMPLE}]}
    )
