from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.envelope import (
    MOST_ENVELOPES,
    Envelope,
    Malformed,
    Outcome,
    Parcel,
    Reply,
    Result,
    hash_of,
    parcel_from_wire,
    parcel_to_wire,
    reply_from_wire,
    reply_to_wire,
)


def envelope(number: int = 1, payload: str = '{"a":1}') -> Envelope:
    return Envelope(
        id=f"e{number}",
        seq=number,
        stream=f"sale:{number}",
        kind="sale",
        key=f"s{number}",
        payload=payload,
        content_hash=hash_of(payload),
    )


def parcel_of(*envelopes: Envelope) -> Parcel:
    return Parcel(till="T01", incarnation="i", epoch="x", envelopes=envelopes)


def taken(sent: Envelope, number: int = 7) -> dict[str, Any]:
    return {
        "id": sent.id,
        "content_hash": sent.content_hash,
        "outcome": "accepted",
        "upstream_seq": number,
    }


def test_hash_is_sha256_of_the_exact_bytes() -> None:
    assert hash_of("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert hash_of("é") == "4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c"


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=50))
def test_a_parcel_survives_the_wire(payload: str) -> None:
    parcel = Parcel(
        till="T01", incarnation="i", epoch="x", envelopes=(envelope(1, payload), envelope(2))
    )
    text = json.dumps(parcel_to_wire(parcel))
    assert parcel_from_wire(json.loads(text)) == parcel


def test_a_reply_survives_the_wire() -> None:
    sent = [envelope(1), envelope(2), envelope(3)]
    reply = Reply(
        epoch="x",
        results=(
            Result(
                id="e1", content_hash=sent[0].content_hash, outcome=Outcome.ACCEPTED, upstream_seq=0
            ),
            Result(id="e2", content_hash=sent[1].content_hash, outcome=Outcome.CONFLICT, code="c"),
            Result(id="e3", content_hash=sent[2].content_hash, outcome=Outcome.LATER, reason="r"),
        ),
    )
    assert reply_from_wire(json.loads(json.dumps(reply_to_wire(reply))), parcel_of(*sent)) == reply


def test_what_is_not_mentioned_is_unanswered() -> None:
    sent = [envelope(1), envelope(2)]
    reply = reply_from_wire({"epoch": "x", "results": [taken(sent[1])]}, parcel_of(*sent))
    assert [result.id for result in reply.results] == ["e2"]


def test_an_outcome_of_a_newer_server_is_no_answer() -> None:
    sent = envelope()
    answer = {"epoch": "x", "results": [taken(sent) | {"outcome": "frozen"}]}
    assert reply_from_wire(answer, parcel_of(sent)).results[0].outcome is Outcome.LATER


@pytest.mark.parametrize(
    "answer",
    [
        [],
        "welcome to the hotel",
        {},
        {"epoch": "x"},
        {"epoch": "x", "results": []},
        {"epoch": "", "results": [taken(envelope())]},
        {"epoch": "x", "results": [taken(envelope(9))]},
        {"epoch": "x", "results": [taken(envelope()) | {"content_hash": "0" * 64}]},
        {"epoch": "x", "results": [taken(envelope()) | {"upstream_seq": None}]},
        {"epoch": "x", "results": [taken(envelope()) | {"upstream_seq": -1}]},
        {"epoch": "x", "results": [taken(envelope()) | {"upstream_seq": 1.0}]},
        {"epoch": "x", "results": [taken(envelope()), taken(envelope())]},
        {"epoch": "x", "results": [{"id": "e1"}]},
        {"epoch": "x", "results": ["accepted"]},
    ],
)
def test_nothing_else_passes_for_an_answer(answer: object) -> None:
    with pytest.raises(Malformed):
        reply_from_wire(answer, parcel_of(envelope()))


def test_a_server_of_another_epoch_may_leave_all_unanswered() -> None:
    reply = reply_from_wire({"epoch": "y", "results": []}, parcel_of(envelope()))
    assert reply == Reply(epoch="y", results=())


WHOLE = parcel_to_wire(Parcel(till="T01", incarnation="i", epoch="x", envelopes=(envelope(),)))


@pytest.mark.parametrize(
    "change",
    [
        {"till": ""},
        {"till": 5},
        {"incarnation": None},
        {"epoch": None},
        {"envelopes": []},
        {"envelopes": [asdict(envelope(n)) for n in range(MOST_ENVELOPES + 1)]},
        {"envelopes": [asdict(envelope()) | {"seq": "1"}]},
        {"envelopes": [asdict(envelope()) | {"seq": True}]},
        {"envelopes": [asdict(envelope()) | {"payload": {"a": 1}}]},
        {"envelopes": [asdict(envelope()) | {"id": "x" * 201}]},
        {"envelopes": [None]},
    ],
)
def test_a_request_is_checked_field_by_field(change: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        parcel_from_wire(WHOLE | change)


def test_a_newer_till_may_say_more() -> None:
    row = asdict(envelope()) | {"colour": "red"}
    parcel = parcel_from_wire(WHOLE | {"envelopes": [row], "mood": "good"})
    assert parcel.envelopes == (replace(envelope()),)
