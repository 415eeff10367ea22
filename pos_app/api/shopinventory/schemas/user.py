"""Bodies of ``/api/User`` and ``/api/UserManagement``."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from pos_app.api.shopinventory.schemas.auth import Email, Secret, Username
from pos_app.api.shopinventory.schemas.fields import ShortText, WarehouseCode
from pos_app.api.wire import Answer, Question

RoleName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Words = Annotated[list[Word], Field(max_length=200)]
Warehouses = Annotated[list[WarehouseCode], Field(max_length=100)]


class UserFacts(Question):
    """What may be said of a user by everybody who keeps users; null leaves it as it is."""

    email: Email | None = None
    first_name: ShortText | None = None
    last_name: ShortText | None = None
    assigned_warehouse_codes: Warehouses | None = None
    assigned_customer_codes: Words | None = None
    assigned_section: ShortText | None = None


class DetailFacts(UserFacts):
    """What user management says beyond that."""

    permissions: Words | None = None
    allowed_payment_methods: Words | None = None
    default_gl_account: Annotated[ShortText | None, Field(alias="defaultGLAccount")] = None
    allowed_payment_business_partners: Words | None = None


class CreateUser(UserFacts):
    """A user to be made by an Admin."""

    username: Username
    password: Secret = Field(repr=False)
    role: RoleName = "User"


class UpdateUser(UserFacts):
    """What is to be different; null or absent leaves it as it is."""

    role: RoleName | None = None
    is_active: bool | None = None


class CreateDetail(DetailFacts):
    """A user to be made; ``sendWelcomeEmail`` is read and no mail is sent."""

    username: Username
    password: Secret = Field(repr=False)
    role: RoleName = "User"
    send_welcome_email: bool = True


class UpdateDetail(DetailFacts):
    """What is to be different; null or absent leaves it as it is."""

    username: Username | None = None
    role: RoleName | None = None
    is_active: bool | None = None


class SetPassword(Question):
    """Another password for somebody."""

    new_password: Secret = Field(repr=False)


class Unlock(Question):
    """How to lift a lock."""

    reset_failed_attempts: bool = True


class UpdatePermissions(Question):
    """What somebody may beside the role; empty leaves the role's alone."""

    permissions: Words
    replace_all: bool = True


class Message(Answer):
    """That it is done."""

    message: str


class UserDto(Answer):
    """A user as an Admin sees it."""

    id: int
    username: str
    email: str | None
    role: str
    first_name: str | None
    last_name: str | None
    is_active: bool
    email_verified: bool
    failed_login_attempts: int
    lockout_end: datetime | None
    created_at: datetime
    last_login_at: datetime | None
    assigned_warehouse_codes: list[str]
    assigned_warehouse_code: str | None
    assigned_customer_codes: list[str]
    assigned_section: str | None


class UserMade(Answer):
    """A user that was made."""

    message: str
    user: UserDto


class UserDetail(Answer):
    """A user as user management sees it."""

    id: int
    username: str
    email: str | None
    first_name: str | None
    last_name: str | None
    role: str
    is_active: bool
    email_verified: bool
    two_factor_enabled: bool
    is_locked_out: bool
    lockout_end: datetime | None
    permissions: list[str]
    assigned_warehouse_codes: list[str]
    assigned_warehouse_code: str | None
    allowed_payment_methods: list[str]
    default_gl_account: Annotated[str | None, Field(alias="defaultGLAccount")]
    allowed_payment_business_partners: list[str]
    assigned_customer_codes: list[str]
    assigned_section: str | None
    created_at: datetime
    updated_at: datetime | None
    last_login_at: datetime | None


class DetailChanged(UserDetail):
    """A user that was changed."""

    message: str


class _Page(Answer):
    """The numbers round a page."""

    page: int
    page_size: int
    count: int
    total_count: int
    total_pages: int
    has_more: bool


class UserPage(_Page):
    """A page of users, under both names the contract knows."""

    items: list[UserDto]
    users: list[UserDto]


class DetailPage(_Page):
    """A page of users with details, under both names the contract knows."""

    items: list[UserDetail]
    users: list[UserDetail]


class UserPermissions(Answer):
    """What a user may: given directly, and in all."""

    user_id: int
    username: str
    role: str
    permissions: list[str]
    effective_permissions: list[str]
    uses_role_defaults: bool


class PermissionDto(Answer):
    """One permission."""

    code: str
    name: str
    description: str


class AvailablePermissions(Answer):
    """Every permission there is, by what it is about."""

    permissions_by_category: dict[str, list[PermissionDto]]
