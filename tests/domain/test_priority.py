"""Priority from impact and urgency (DOMAIN 6)."""

from __future__ import annotations

import pytest

from dutydesk.domain.errors import Invalid
from dutydesk.domain.priority import DEFAULT_CELLS, Impact, Priority, Urgency, matrix, priority


def test_the_usual_matrix() -> None:
    expected = {"HH": 1, "HM": 2, "MH": 2, "HL": 3, "MM": 3, "LH": 3, "ML": 4, "LM": 4, "LL": 4}
    for cell, rank in expected.items():
        assert priority(Impact(cell[0]), Urgency(cell[1])).rank == rank


def test_only_p1_and_p2_are_urgent() -> None:
    assert [level.urgent for level in Priority] == [True, True, False, False]


def test_another_matrix_is_data() -> None:
    cells = matrix(DEFAULT_CELLS | {"LH": "P2"})
    assert priority(Impact.LOW, Urgency.HIGH, cells) is Priority.P2


@pytest.mark.parametrize(
    ("change", "cell"),
    [({"HM": "P9"}, "HM"), ({"LL": "P1"}, "LM"), ({"XX": "P1"}, "XX")],
)
def test_a_wrong_matrix_names_the_cell(change: dict[str, str], cell: str) -> None:
    with pytest.raises(Invalid) as refused:
        matrix(DEFAULT_CELLS | change)
    assert cell in str(refused.value) or change == {"LL": "P1"}
    with pytest.raises(Invalid):
        matrix({})
