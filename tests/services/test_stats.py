"""The numbers behind the charts agree with a plain count over the same incidents."""

from __future__ import annotations

import random
from collections import Counter
from datetime import datetime

import pytest

from dutydesk.domain.incidents import Times, speed
from dutydesk.services import stats
from dutydesk.services.core import Actor
from dutydesk.storage.engine import db
from dutydesk.storage.models.incidents import Incident
from tests.services.conftest import ZONE, Clock


def put(who: Actor, count: int, now: int) -> list[dict[str, object]]:
    rng = random.Random(7)
    rows = []
    for place in range(count):
        at = now - rng.randrange(80 * 86400)
        rows.append(
            {
                "number": f"X-{place}",
                "kind": "fault",
                "source": "staff",
                "title": "x",
                "category": rng.choice(["network", "server", ""]),
                "impact": "low",
                "urgency": "low",
                "priority": rng.choice(["P1", "P2", "P3", "P4"]),
                "status": "closed",
                "reporter": who.person_id,
                "owner": rng.choice([who.person_id, None]),
                "opened_at": at,
                "entered_at": at,
                "acknowledged_at": rng.choice([None, at + rng.randrange(900), at - 60]),
                "resolved_at": rng.choice([None, at + rng.randrange(40_000)]),
                "drill": rng.random() < 0.05,
            }
        )
    with db.atomic():
        Incident.insert_many(rows).execute()
    return rows


@pytest.mark.parametrize("days", [7, 30, 90])
def test_all_groups_add_up(eng_a: Actor, now: Clock, days: int) -> None:
    rows = put(eng_a, 400, now.start)
    found = stats.incidents(eng_a, days)
    first = datetime.combine(found.first, datetime.min.time(), ZONE).timestamp()
    inside = [row for row in rows if row["opened_at"] >= first and not row["drill"]]  # type: ignore[operator]
    assert found.total == len(inside) > 0
    assert sum(bar.total for bar in found.bars) == found.total
    assert sum(map(sum, found.heat)) == found.total
    for groups in (found.categories, found.people, found.shifts):
        assert sum(group.total for group in groups) == found.total
    priorities = Counter(row["priority"] for row in inside)
    for priority, means in found.speed.items():
        times = [
            Times(row["opened_at"], row["acknowledged_at"], row["resolved_at"])  # type: ignore[arg-type]
            for row in inside
            if row["priority"] == priority
        ]
        plain = speed(times)
        assert means.incidents == priorities[priority] == plain.incidents
        assert means.unacknowledged == plain.unacknowledged
        assert means.mtta == pytest.approx(plain.mtta)
        assert means.mttr == pytest.approx(plain.mttr)


def test_a_time_that_was_hardly_recorded_is_not_compared(eng_a: Actor, now: Clock) -> None:
    put(eng_a, 400, now.start)
    assert stats.incidents(eng_a, 30).before > 0
    assert stats.incidents(eng_a, 90).before == 0
    row = Incident.select().order_by(Incident.opened_at).get()
    Incident.update(opened_at=row.opened_at - 10 * 86400).where(Incident.id == row.id).execute()
    assert stats.incidents(eng_a, 90).before == 0


def test_an_empty_desk_has_numbers_too(eng_a: Actor) -> None:
    found = stats.incidents(eng_a, 30)
    assert (found.total, found.before, len(found.bars)) == (0, 0, 30)
