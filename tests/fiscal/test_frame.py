"""Frames: the documented samples, and no wrong frame out of any damaged stream."""

from __future__ import annotations

import zlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fiscal.link.frame import (
    BODY_MAX,
    ENQ,
    ETX,
    PAYLOAD_MAX,
    STX,
    SYN,
    XOFF,
    XON,
    Frame,
    FrameDamaged,
    FrameType,
    decode,
    encode,
    escape,
)
from fiscal.link.reader import Damaged, FrameReader, Heard, Signal
from tests.fiscal.samples import vectors

FRAMES = st.builds(
    lambda type_, session, seq, parts, payload, at: Frame(
        type_, session, seq, at % parts, parts, payload
    ),
    st.sampled_from(FrameType),
    st.integers(0, 2**32 - 1),
    st.integers(0, 2**16 - 1),
    st.integers(1, 255),
    st.binary(max_size=60),
    st.integers(0, 254),
)
REQUEST = Frame(FrameType.REQUEST, 0xC0FFEE01, 1, 0, 1, b'{"op":"GetDayStatus"}')


def heard(data: bytes, *, step: int | None = None) -> list[Heard]:
    reader = FrameReader(0.2)
    step = step or len(data) or 1
    found: list[Heard] = []
    for at in range(0, len(data), step):
        found += reader.feed(data[at : at + step], 0.0)
    return found


@pytest.mark.parametrize("vector", vectors("frames"), ids=lambda vector: vector["name"])
def test_documented_frames(vector: dict[str, Any]) -> None:
    frame = Frame(
        FrameType(ord(vector["type"])),
        vector["session"],
        vector["seq"],
        vector["part"],
        vector["parts"],
        vector["payload"].encode(),
    )
    assert encode(frame) == bytes.fromhex(vector["hex"])
    assert heard(encode(frame)) == [frame]


def test_the_check_is_the_usual_crc_32() -> None:
    assert zlib.crc32(b"123456789") == 0xCBF43926


@given(FRAMES, st.integers(1, 7))
def test_any_frame_in_any_pieces(frame: Frame, step: int) -> None:
    data = encode(frame)
    assert heard(data, step=step) == [frame]
    assert not set(data[1:-1]) & {STX, ETX, ENQ, SYN, XON, XOFF}


@given(st.lists(FRAMES, max_size=4), st.binary(max_size=20), st.integers(1, 9))
def test_frames_behind_noise_are_found_once_each(
    frames: list[Frame], noise: bytes, step: int
) -> None:
    quiet = bytes(byte for byte in noise if byte not in {STX, ENQ, SYN})
    data = b"".join(quiet + encode(frame) for frame in frames)
    assert [entry for entry in heard(data, step=step) if isinstance(entry, Frame)] == frames


@settings(max_examples=400)
@given(FRAMES, st.data())
def test_damage_never_makes_another_frame(frame: Frame, data: st.DataObject) -> None:
    """Flipped, dropped, doubled and inserted bytes: the frame that was sent, or none."""
    good = encode(frame)
    bad = bytearray(good)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, max(len(bad) - 1, 0)))
        kind = data.draw(st.sampled_from(["flip", "drop", "double", "insert"]))
        if not bad:
            break
        if kind == "flip":
            bad[at] ^= 1 << data.draw(st.integers(0, 7))
        elif kind == "drop":
            del bad[at : at + data.draw(st.integers(1, 3))]
        elif kind == "double":
            bad[at:at] = bad[at : at + data.draw(st.integers(1, 5))]
        else:
            bad[at:at] = data.draw(st.binary(min_size=1, max_size=4))
    found = [entry for entry in heard(bytes(bad)) if isinstance(entry, Frame)]
    assert all(entry == frame for entry in found)


@given(st.binary(max_size=200))
def test_any_bytes_are_borne(data: bytes) -> None:
    reader = FrameReader(0.2)
    for byte in data:
        reader.feed(bytes([byte]), 0.0)
    reader.feed(bytes([ETX]), 0.0)
    assert reader.feed(encode(REQUEST), 0.0) == [REQUEST]


def test_lone_bytes_are_signals_only_outside_of_frames() -> None:
    assert heard(bytes([SYN, ENQ])) == [Signal(SYN), Signal(ENQ)]
    inside = encode(REQUEST)
    broken = heard(inside[:9] + bytes([SYN]) + inside[9:])
    assert broken[:2] == [Damaged("B"), Signal(SYN)]
    assert not any(isinstance(entry, Frame) for entry in broken)


def test_flow_control_bytes_are_ignored_everywhere() -> None:
    data = encode(REQUEST)
    assert heard(bytes([XOFF]) + data[:5] + bytes([XON, XOFF]) + data[5:]) == [REQUEST]


def test_a_new_start_ends_what_was_begun() -> None:
    data = encode(REQUEST)
    assert heard(data[:-4] + data) == [Damaged("B"), REQUEST]


def test_a_pause_inside_a_frame_drops_it() -> None:
    data = encode(REQUEST)
    reader = FrameReader(0.2)
    assert reader.feed(data[:10], 0.0) == []
    assert reader.feed(data[10:12], 0.19) == []
    assert reader.feed(data, 0.40) == [Damaged("G"), REQUEST]


def test_a_stream_without_end_is_cut_off() -> None:
    reader = FrameReader(0.2)
    found = reader.feed(bytes([STX]) + b"x" * (BODY_MAX * 3), 0.0)
    assert found == [Damaged("L")]
    assert reader.feed(encode(REQUEST), 0.0) == [REQUEST]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "L"),
        (b"x" * (BODY_MAX + 1), "L"),
        (encode(REQUEST)[1:-1], "C"),
    ],
)
def test_what_is_no_body_names_its_reason(body: bytes, reason: str) -> None:
    with pytest.raises(FrameDamaged) as caught:
        decode(body)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        (b"\x02D\x00\x00\x00\x01\x00\x01\x00\x01", "V"),
        (b"\x01Q\x00\x00\x00\x01\x00\x01\x00\x01", "F"),
        (b"\x01D\x00\x00\x00\x01\x00\x01\x01\x01", "F"),
        (b"\x01D\x00\x00\x00\x01\x00\x01\x00\x00", "F"),
    ],
    ids=["version", "type", "part", "parts"],
)
def test_checked_nonsense_is_refused_too(head: bytes, reason: str) -> None:
    body = head + zlib.crc32(head).to_bytes(4, "big")
    assert heard(bytes([STX]) + escape(body) + bytes([ETX])) == [Damaged(reason)]


def test_a_payload_above_the_limit_is_never_sent() -> None:
    with pytest.raises(ValueError, match="at most 1024"):
        encode(Frame(FrameType.REQUEST, 1, 1, 0, 1, b"x" * (PAYLOAD_MAX + 1)))


@given(st.lists(FRAMES, min_size=1, max_size=3), st.lists(st.integers(0, 400), max_size=12))
def test_any_frames_cut_anywhere(frames: list[Frame], cuts: list[int]) -> None:
    data = b"".join(encode(frame) for frame in frames)
    ends = sorted({min(cut, len(data)) for cut in cuts} | {len(data)})
    reader, found, start = FrameReader(0.2), list[Heard](), 0
    for end in ends:
        found += reader.feed(data[start:end], 0.0)
        start = end
    assert found == frames
