from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sync.sap.simulator.table import Table

keys = st.text("ABab1", min_size=1, max_size=3)
steps = st.lists(st.tuples(st.booleans(), keys, st.sampled_from(["red", "blue", None])))


@given(steps, keys)
def test_a_table_behaves_as_a_sorted_dict_with_an_index(
    chosen: list[tuple[bool, str, str | None]], bound: str
) -> None:
    table = Table(("Code",), ("Colour",))
    model: dict[str, dict[str, str | None]] = {}
    for is_put, key, colour in chosen:
        if is_put or key not in model:
            row = {"Code": key, "Colour": colour}
            table.put(row)
            model[key] = row
        else:
            table.remove(key)
            del model[key]
    ordered = [model[key] for key in sorted(model)]
    assert list(table.rows()) == ordered
    assert len(table) == len(model)
    above = [row for row in ordered if str(row["Code"]) > bound]
    assert list(table.between(bound, inclusive=False, descending=False)) == above
    from_on = [row for row in ordered if str(row["Code"]) >= bound]
    assert list(table.between(bound, inclusive=True, descending=True)) == from_on[::-1]
    for colour in ("red", "blue", None):
        assert table.having("Colour", colour) == [row for row in ordered if row["Colour"] == colour]
    assert table.having("Code", "x") is None
    assert table.last_key() == (max(model) if model else None)
