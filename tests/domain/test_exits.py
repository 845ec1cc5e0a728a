"""Exit codes of backup programs: an unknown one is a failure (DOMAIN 5)."""

from __future__ import annotations

import pytest

from dutydesk.domain import exits
from dutydesk.domain.exits import Ending
from dutydesk.domain.limits import Verdict


@pytest.mark.parametrize(
    ("code", "ending"),
    [
        (0, Ending.OK),
        (1, Ending.FAILED),
        (2, Ending.FAILED),
        (3, Ending.INCOMPLETE),
        (10, Ending.NO_REPOSITORY),
        (11, Ending.LOCKED),
        (12, Ending.WRONG_PASSWORD),
        (130, Ending.INTERRUPTED),
        (77, Ending.FAILED),
        (-9, Ending.FAILED),
    ],
)
def test_restic(code: int, ending: Ending) -> None:
    assert exits.restic(code) is ending


@pytest.mark.parametrize(
    ("codes", "ending"),
    [
        ((0,), Ending.OK),
        ((1, 100, 127), Ending.WARNING),
        ((2, 3, 99, 128, 300, -1), Ending.FAILED),
        ((129, 143, 255), Ending.SIGNAL),
    ],
)
def test_borg(codes: tuple[int, ...], ending: Ending) -> None:
    assert {exits.borg(code) for code in codes} == {ending}


def test_only_a_copy_that_is_there_is_not_critical() -> None:
    good = {ending for ending in Ending if ending.verdict is not Verdict.CRITICAL}
    assert good == {Ending.OK, Ending.WARNING, Ending.INCOMPLETE}
