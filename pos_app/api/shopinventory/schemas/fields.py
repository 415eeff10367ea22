"""Types of fields that several bodies share."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

LARGEST_AMOUNT = Decimal(10) ** 13
LARGEST_QUANTITY = Decimal(10) ** 6


def _trimmed_code(length: int) -> StringConstraints:
    return StringConstraints(strip_whitespace=True, min_length=1, max_length=length)


def _day(value: object) -> object:
    """Accept ``2026-04-01`` and the date of an ISO moment; never guess (production lesson L70)."""
    if not isinstance(value, str):
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        raise PydanticCustomError("date", "Write the date as yyyy-MM-dd.")
    try:
        return (
            datetime.fromisoformat(value).date() if len(value) > 10 else date.fromisoformat(value)
        )
    except ValueError:
        raise PydanticCustomError("date", "Write the date as yyyy-MM-dd.") from None


def _moment(value: object) -> object:
    """Accept ISO 8601, a day being its first moment; without a zone it is UTC."""
    if not isinstance(value, str):
        raise PydanticCustomError("moment", "Write the time as yyyy-MM-ddTHH:mm:ssZ.")
    try:
        told = datetime.fromisoformat(value)
        return told.replace(tzinfo=told.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        raise PydanticCustomError("moment", "Write the time as yyyy-MM-ddTHH:mm:ssZ.") from None


def _number(value: object) -> object:
    """Take JSON numbers and the same as text; true is not one."""
    if isinstance(value, bool):
        raise PydanticCustomError("number", "Write a number.")
    if isinstance(value, str) and (len(value) > 40 or not value.isascii() or "_" in value):
        raise PydanticCustomError("number", "Write a number.")
    return value


Code = Annotated[str, _trimmed_code(50)]
WarehouseCode = Annotated[str, _trimmed_code(20)]
Reference = Annotated[str, _trimmed_code(100)]
ShortText = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]
Moment = Annotated[datetime, BeforeValidator(_moment, json_schema_input_type=datetime)]
Day = Annotated[date, BeforeValidator(_day, json_schema_input_type=date)]

Number: Any = BeforeValidator(_number, json_schema_input_type=float)
Quantity = Annotated[
    Decimal, Number, Field(gt=0, le=LARGEST_QUANTITY, max_digits=20, decimal_places=6)
]
Price = Annotated[Decimal, Number, Field(gt=0, le=LARGEST_AMOUNT, max_digits=20, decimal_places=6)]
Amount = Annotated[Decimal, Number, Field(ge=0, le=LARGEST_AMOUNT, max_digits=16, decimal_places=2)]
Percent = Annotated[Decimal, Number, Field(ge=0, le=100, max_digits=9, decimal_places=6)]
SignedAmount = Annotated[
    Decimal,
    Number,
    Field(ge=-LARGEST_AMOUNT, le=LARGEST_AMOUNT, max_digits=16, decimal_places=2),
]
WholeNumber = Annotated[int, Number, Field(ge=0, le=2**31 - 1)]
