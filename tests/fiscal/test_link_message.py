"""Whole messages: what was sealed comes out, anything else does not."""

from __future__ import annotations

import contextlib
import zlib
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscal.link.message import (
    MESSAGE_MAX,
    MessageInvalid,
    MessageTooLong,
    seal,
    split,
    unseal,
)

MESSAGES = st.dictionaries(
    st.text(max_size=10),
    st.text(max_size=10) | st.integers() | st.none() | st.booleans() | st.decimals(0, 99, places=2),
    min_size=1,
    max_size=5,
)


@given(MESSAGES)
def test_sealed_messages_come_back(message: dict[str, Any]) -> None:
    assert unseal(seal(message)) == message


@given(MESSAGES, st.data())
def test_one_changed_byte_is_found(message: dict[str, Any], data: st.DataObject) -> None:
    sealed = bytearray(seal(message))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(MessageInvalid):
        unseal(bytes(sealed))


@given(st.binary(max_size=200))
def test_other_bytes_are_no_message(data: bytes) -> None:
    with pytest.raises(MessageInvalid):
        unseal(data)


def test_decimals_stay_exact() -> None:
    assert unseal(seal({"a": Decimal("0.10")}))["a"] == Decimal("0.10")
    assert str(unseal(seal({"a": Decimal("0.10")}))["a"]) == "0.10"


@pytest.mark.parametrize("size", [0, 1, 1023, 1024, 1025, 5000, MESSAGE_MAX])
def test_parts_join_to_the_whole(size: int) -> None:
    data = bytes(index % 251 for index in range(size))
    parts = split(data)
    assert b"".join(parts) == data
    assert 1 <= len(parts) <= 255
    assert all(len(part) <= 1024 for part in parts)


def test_more_than_the_link_carries_is_refused_before_it_is_sent() -> None:
    with pytest.raises(MessageTooLong, match="261121 bytes"):
        split(b"x" * (MESSAGE_MAX + 1))


@given(MESSAGES)
def test_messages_made_small_come_back(message: dict[str, Any]) -> None:
    assert unseal(seal(message, is_deflated=True)) == unseal(seal(message))


@given(MESSAGES, st.integers(0, 300), st.integers(1, 255))
def test_a_small_message_that_was_damaged_is_the_same_or_none(
    message: dict[str, Any], at: int, flip: int
) -> None:
    data = bytearray(seal(message, is_deflated=True))
    data[at % len(data)] ^= flip
    with contextlib.suppress(MessageInvalid):
        assert unseal(bytes(data)) == unseal(seal(message))


def test_a_small_message_that_would_become_huge_is_refused() -> None:
    with pytest.raises(MessageInvalid, match="too long"):
        unseal(zlib.compress(b"x" * (MESSAGE_MAX * 40)))


def test_a_message_that_is_too_long_is_so_however_small_it_could_be_made() -> None:
    with pytest.raises(MessageTooLong, match="bytes"):
        seal({"x": "y" * MESSAGE_MAX}, is_deflated=True)
