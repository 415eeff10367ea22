from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_app.domain.audit import GENESIS, AuditEvent, AuditInvalid, canonical, chain_hash, verify

AT = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)


def event(seq: int = 1, **facts: object) -> AuditEvent:
    known: dict[str, object] = {
        "at": AT + timedelta(seconds=seq),
        "actor": "rudo",
        "action": "sale.void_line",
        "subject": "T01-000001",
        "details": {"amount": "1.99", "line": 2},
    }
    return AuditEvent(seq, **(known | facts))  # type: ignore[arg-type]


def chain(length: int) -> list[tuple[AuditEvent, str]]:
    rows, previous = [], GENESIS
    for seq in range(1, length + 1):
        previous = chain_hash(previous, event(seq))
        rows.append((event(seq), previous))
    return rows


def test_the_encoding_is_fixed_for_ever() -> None:
    assert canonical(event()) == (
        b"l110:j1:1s32:2026-09-01T08:00:01.000000+00:00s4:rudos14:sale.void_line"
        b"s10:T01-000001m27:s6:amounts4:1.99s4:linej1:2"
    )
    assert chain_hash(GENESIS, event()) == (
        "720e6d74769c554cd9dc3ca51c8406d612f05ec97f9261359445616faff93577"
    )


def test_a_whole_chain_holds() -> None:
    rows = chain(5)
    assert verify(rows) is None
    assert verify([]) is None
    assert verify(rows[2:], previous=rows[1][1], first=3) is None


@given(st.integers(1, 5), st.sampled_from(["at", "actor", "action", "subject", "details", "link"]))
def test_any_change_is_found_at_its_place(seq: int, what: str) -> None:
    rows = chain(5)
    known, link = rows[seq - 1]
    other: dict[str, object] = {"at": AT, "details": {"amount": "1.98", "line": 2}}
    if what == "link":
        rows[seq - 1] = (known, link[:-1] + ("0" if link[-1] != "0" else "1"))
    else:
        changed = replace(known, **{what: other.get(what, "x")})  # type: ignore[arg-type]
        rows[seq - 1] = (changed, link)
    assert verify(rows) == seq


def test_gaps_swaps_and_a_cut_head_are_found() -> None:
    rows = chain(5)
    assert verify(rows[:2] + rows[3:]) == 3
    assert verify([rows[0], rows[2], rows[1]]) == 2
    assert verify(rows[1:]) == 1
    assert verify([(replace(rows[0][0], seq=2), rows[0][1])]) == 1


def test_time_is_the_moment_not_its_zone() -> None:
    harare = timezone(timedelta(hours=2))
    assert canonical(event(at=AT)) == canonical(event(at=AT.astimezone(harare)))
    with pytest.raises(AuditInvalid):
        canonical(event(at=AT.replace(tzinfo=None)))


@pytest.mark.parametrize("value", [1.5, AT, object(), {"deep": [0.1]}])
def test_what_has_no_canonical_form_is_refused(value: object) -> None:
    with pytest.raises(AuditInvalid):
        canonical(event(details={"x": value}))


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
details = st.dictionaries(st.text(), plain, max_size=5)


@given(details, details)
def test_different_details_never_encode_alike(
    one: dict[str, object], two: dict[str, object]
) -> None:
    same = json.dumps(one, sort_keys=True) == json.dumps(two, sort_keys=True)
    assert (canonical(event(details=one)) == canonical(event(details=two))) is same


@given(details)
def test_an_event_read_back_from_json_encodes_as_before(facts: dict[str, object]) -> None:
    again = json.loads(json.dumps(facts))
    assert canonical(event(details=again)) == canonical(event(details=facts))


def test_decimals_encode_as_their_text() -> None:
    assert canonical(event(details={"a": Decimal("1.50")})) == canonical(
        event(details={"a": "1.50"})
    )
    assert canonical(event(details={"a": (1, 2)})) == canonical(event(details={"a": [1, 2]}))
    assert canonical(event(details={"a": 1})) != canonical(event(details={"a": "1"}))
    assert canonical(event(details={"a": 1})) != canonical(event(details={"a": True}))


def test_fields_do_not_run_into_each_other() -> None:
    assert canonical(event(actor="ab", action="c")) != canonical(event(actor="a", action="bc"))
