"""The list of earlier handovers: each line whole, and as many questions for a page as for one line."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import peewee
import pytest

from dutydesk.domain.handover import Status
from dutydesk.services import handover
from dutydesk.services.core import Actor
from dutydesk.storage import engine
from dutydesk.storage.models.handover import Handover
from dutydesk.storage.models.people import Person
from dutydesk.storage.models.shift import DutyShift

HANDED_OVER = 12


@pytest.fixture
def written(chief: Actor) -> list[Handover]:
    """Return sealed handovers from each of the first shifts to the one after it; the last is not taken over yet."""
    shifts = list(DutyShift.select().order_by(DutyShift.starts_at).limit(HANDED_OVER + 1))
    giver, taker = Person.get(Person.login == "eng-a"), Person.get(Person.login == "eng-b")
    rows = []
    with engine.db.atomic():
        for place, (before, after) in enumerate(pairwise(shifts)):
            open_one = place == HANDED_OVER - 1
            rows.append(
                Handover.create(
                    number=f"HO-{place}",
                    from_shift=before,
                    to_shift=after,
                    status="prepared" if open_one else "sealed",
                    prepared_by=giver,
                    prepared_at=after.starts_at - 900,
                    accepted_by=None if open_one else taker,
                    accepted_at=None if open_one else after.starts_at,
                )
            )
    return rows


def test_each_line_says_what_the_handover_says(written: list[Handover], chief: Actor) -> None:
    page = handover.lines_page(chief, None, 50, False)
    assert [line.number for line in page] == [row.number for row in reversed(written)]
    assert [line for line in page if line != handover.by_number(chief, line.number).line] == []
    assert page[0].status is Status.PREPARED
    assert page[0].accepted_by is None
    assert page[1].accepted_by is not None
    assert page[1].to_shift is not None
    assert page[1].to_shift.starts_at == page[0].from_shift.starts_at


def test_a_page_costs_as_many_questions_as_a_line(
    written: list[Handover], chief: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    execute = peewee.Database.execute_sql

    def counting(self: Any, sql: str, *args: Any, **options: Any) -> Any:
        asked.append(sql)
        return execute(self, sql, *args, **options)

    monkeypatch.setattr(peewee.Database, "execute_sql", counting)
    assert len(handover.lines_page(chief, None, 1, False)) == 1
    one = len(asked)
    asked.clear()
    assert len(handover.lines_page(chief, None, 50, False)) == HANDED_OVER
    assert len(asked) == one
