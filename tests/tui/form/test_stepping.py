"""Numbers moved by a key: exact in decimals, and never beyond their limits."""

from __future__ import annotations

import pytest

from faldeck.schema.fields import Integer, Number
from faldeck.tui.form.stepping import stepped


@pytest.mark.parametrize(
    ("kind", "value", "steps", "wanted"),
    [
        (Integer(), 7, 1, 8),
        (Integer(minimum=1), None, 1, 1),
        (Integer(minimum=64, maximum=2048, multiple_of=8, step=8), 512, -1, 504),
        (Integer(maximum=2**64 - 1), 2**64 - 3, 1, 2**64 - 2),
        (Number(minimum=0, maximum=1), 0.29, 1, 0.3),
        (Number(minimum=0, maximum=20), 3.5, 1, 3.6),
        (Number(minimum=1e-06, maximum=1, step=1e-06), 0.0001, 1, 0.000101),
        (Number(minimum=0, maximum=1), 1, 1, 1),
        (Number(above=0, below=1), 0.99, 5, 0.99),
        (Number(above=0, below=1), None, 1, 0.01),
        (Number(), 250, 1, 260),
    ],
)
def test_a_step_lands_where_the_schema_allows(kind: Number, value: object, steps: int, wanted: float) -> None:
    moved = stepped(kind, value, steps)
    assert moved == wanted
    assert isinstance(moved, int) == isinstance(kind, Integer)
