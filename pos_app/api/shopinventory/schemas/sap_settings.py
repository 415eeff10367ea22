"""Bodies of ``/api/sap-settings``; a password goes in and never comes out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from pos_app.api.shopinventory.schemas.fields import ShortText
from pos_app.api.wire import Answer, Question

Url = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class SapSettings(Answer):
    """Where SAP is, and how the connection is."""

    service_layer_url: str | None
    company_db: str | None = Field(serialization_alias="companyDB")
    user_name: str | None
    invoice_series: int | None
    invoice_series_name: str | None
    is_configured: bool
    is_connected: bool
    last_connection_time: datetime | None
    last_error: str | None


class ChangeSapSettings(Question):
    """Where SAP is from now on; no password keeps the one there is."""

    service_layer_url: Url
    company_db: Name = Field(alias="companyDB")
    user_name: Name
    password: Annotated[str, StringConstraints(max_length=200)] | None = Field(
        default=None, repr=False
    )
    invoice_series: int | None = Field(default=None, ge=-1, le=2**31 - 1)
    invoice_series_name: ShortText | None = None
    test_connection: bool = True


class SapSettingsChanged(Answer):
    """What became of a change."""

    message: str
    connection_test_passed: bool | None


class TrySapConnection(Question):
    """What to try instead of the present settings."""

    service_layer_url: Url | None = None
    company_db: Name | None = Field(default=None, alias="companyDB")
    user_name: Name | None = None
    password: Annotated[str, StringConstraints(max_length=200)] | None = Field(
        default=None, repr=False
    )


class SapConnectionTried(Answer):
    """What came of trying."""

    success: bool
    message: str
    response_time_ms: int
    tested_at: datetime
