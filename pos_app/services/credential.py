"""Passwords and PINs at rest: Argon2id, so that a stolen database gives none of them away."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

# OWASP ASVS 5.0 appendix C: 2 passes over 19 MiB; about 60 ms on a small machine.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)


def digest(secret: str) -> str:
    """The verifier to store for a secret."""
    return _HASHER.hash(secret)


def matches(verifier: str, secret: str) -> bool:
    """Whether the secret is the one; an empty or damaged verifier matches nothing.

    It takes the same time whether there is a verifier or not, so that nobody learns who exists.
    """
    try:
        return _HASHER.verify(verifier or _nobody(), secret) and bool(verifier)
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(verifier: str) -> bool:
    """Whether the verifier should be made anew, at today's cost."""
    return _HASHER.check_needs_rehash(verifier)


@cache
def _nobody() -> str:
    """A verifier of nobody's secret."""
    return _HASHER.hash("nobody has this password")
