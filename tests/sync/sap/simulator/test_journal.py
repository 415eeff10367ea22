from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from sync.sap.simulator.journal import Journal, JournalDamaged


def test_entries_come_back_in_order_digit_for_digit(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "journal.jsonl"
    journal = Journal(path)
    journal.append({"a": Decimal("1.10")})
    journal.append({"b": "ü\n"})
    journal.close()
    again = Journal(path)
    entries = list(again.read())
    assert entries == [{"a": Decimal("1.10")}, {"b": "ü\n"}]
    assert str(entries[0]["a"]) == "1.10"
    again.clear()
    assert list(again.read()) == []
    again.close()


@pytest.mark.parametrize("cut", range(1, 12))
def test_a_torn_tail_never_happened(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "journal.jsonl"
    journal = Journal(path)
    journal.append({"n": 1})
    whole = path.stat().st_size
    journal.append({"n": 2222})
    journal.close()
    data = path.read_bytes()
    path.write_bytes(data[: max(whole, len(data) - cut)])
    again = Journal(path)
    assert list(again.read()) == [{"n": 1}]
    again.append({"n": 3})
    assert list(again.read()) == [{"n": 1}, {"n": 3}]
    again.close()


def test_damage_in_the_middle_is_named(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_bytes(b'{"n":1}\n{"n":\n{"n":3}\n')
    journal = Journal(path)
    with pytest.raises(JournalDamaged, match="Line 2"):
        list(journal.read())
    journal.close()
