"""Between users and the contract's words for them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pos_app.api.shopinventory.schemas.user import (
    CreateDetail,
    CreateUser,
    DetailFacts,
    PermissionDto,
    UpdateDetail,
    UpdateUser,
    UserDetail,
    UserDto,
    UserFacts,
    UserPermissions,
)
from pos_app.services.user import NewUser, UserRow
from pos_app.services.user_change import Change


def user(row: UserRow) -> UserDto:
    """A user as ``UserDto``."""
    first, last = _names(row)
    return UserDto(
        id=row.number,
        username=row.username,
        email=row.email or None,
        role=row.role,
        first_name=first,
        last_name=last,
        is_active=row.is_active,
        email_verified=False,
        failed_login_attempts=row.failures,
        lockout_end=row.locked_until,
        created_at=row.created_at,
        last_login_at=row.signed_in_at,
        assigned_warehouse_codes=list(row.warehouses),
        assigned_warehouse_code=row.warehouses[0] if row.warehouses else None,
        assigned_customer_codes=[row.partner] if row.partner else _list(row, "customers"),
        assigned_section=row.profile.get("section"),
    )


def detail(row: UserRow, now: datetime) -> UserDetail:
    """A user as ``UserDetailDto``."""
    first, last = _names(row)
    return UserDetail(
        id=row.number,
        username=row.username,
        email=row.email or None,
        first_name=first,
        last_name=last,
        role=row.role,
        is_active=row.is_active,
        email_verified=False,
        two_factor_enabled=row.has_two_factor,
        is_locked_out=row.is_locked(now),
        lockout_end=row.locked_until,
        permissions=list(row.permissions),
        assigned_warehouse_codes=list(row.warehouses),
        assigned_warehouse_code=row.warehouses[0] if row.warehouses else None,
        allowed_payment_methods=_list(row, "payment_methods"),
        default_gl_account=row.profile.get("gl_account"),
        allowed_payment_business_partners=_list(row, "partners"),
        assigned_customer_codes=[row.partner] if row.partner else _list(row, "customers"),
        assigned_section=row.profile.get("section"),
        created_at=row.created_at,
        updated_at=row.changed_at,
        last_login_at=row.signed_in_at,
    )


def new_user(body: CreateUser | CreateDetail) -> NewUser:
    """A user to be made."""
    return NewUser(
        username=body.username,
        password=body.password,
        role=body.role,
        name=f"{body.first_name or ''} {body.last_name or ''}".strip(),
        email=body.email or "",
        warehouses=tuple(body.assigned_warehouse_codes or ()),
        permissions=tuple((body.permissions or ()) if isinstance(body, CreateDetail) else ()),
        profile=_profile(body),
    )


def change(body: UpdateUser | UpdateDetail, before: UserRow) -> Change:
    """What is to be different; a name is made of what was said and what is known."""
    told = _profile(body)
    first, last = _names(before)
    parts = (told.get("first_name", first), told.get("last_name", last))
    is_named = "first_name" in told or "last_name" in told
    places = body.assigned_warehouse_codes
    granted = body.permissions if isinstance(body, UpdateDetail) else None
    return Change(
        username=body.username if isinstance(body, UpdateDetail) else None,
        name=" ".join(part for part in parts if part) if is_named else None,
        email=body.email,
        role=body.role,
        is_active=body.is_active,
        permissions=None if granted is None else frozenset(granted),
        warehouses=None if places is None else tuple(places),
        profile=told,
    )


def permissions(row: UserRow) -> UserPermissions:
    """What a user may."""
    return UserPermissions(
        user_id=row.number,
        username=row.username,
        role=row.role,
        permissions=list(row.permissions),
        effective_permissions=list(row.effective),
        uses_role_defaults=not row.permissions,
    )


def permission(code: str) -> PermissionDto:
    """A permission with a name made of its code, as in ``Manage prices`` of ``products``."""
    about, _, deed = code.partition(".")
    words = deed.replace("_", " ").replace(".", ": ")
    name = words[:1].upper() + words[1:]
    return PermissionDto(code=code, name=name, description=f"{name} ({about})")


def _profile(body: UserFacts) -> dict[str, Any]:
    told = {
        "first_name": body.first_name,
        "last_name": body.last_name,
        "customers": body.assigned_customer_codes,
        "section": body.assigned_section,
    }
    if isinstance(body, DetailFacts):
        told |= {
            "payment_methods": body.allowed_payment_methods,
            "gl_account": body.default_gl_account,
            "partners": body.allowed_payment_business_partners,
        }
    return {name: value for name, value in told.items() if value is not None}


def _names(row: UserRow) -> tuple[str | None, str | None]:
    """First and last name; of whoever has only one name for both, its first word and the rest."""
    if "first_name" in row.profile or "last_name" in row.profile:
        return row.profile.get("first_name") or None, row.profile.get("last_name") or None
    first, _, last = row.name.partition(" ")
    return first or None, last or None


def _list(row: UserRow, name: str) -> list[str]:
    return [str(value) for value in row.profile.get(name, ())]
