"""Instants at which turns change, through clocks that change, asked of `turns.handoffs` and of the plan itself."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from dutydesk.domain import turns as counting
from dutydesk.domain import walltime
from dutydesk.domain.rotation import plan
from tests.cases.collected import Case
from tests.cases.kinds import Answer, check
from tests.cases.policies import PLAIN, continuous, members, moved, near, policy, whole_day
from tests.cases.rotations import days_after
from tests.cases.times import local_instant, local_text, with_offset

HOUR = 3600


def grid(case: Case, first: int, last: int) -> list[int]:
    """Return the hand-offs from the last one at or before `first` to the first one after `last`.

    The rule begins at the turn nearest to the span: hand-offs go on before the anchor as they do after it. What the
    plan says must be what the rule says without one.
    """
    unit, length = case.given["unit"], case.given["length"]
    zone = ZoneInfo(case.timezone)
    anchor = datetime.fromisoformat(case.given["anchor_local"])
    start = near(anchor, unit, length, walltime.local(first, zone).replace(tzinfo=None))
    turns = continuous(unit, length, start, [["x"], ["y"], ["z"]])
    rules = policy(case.timezone, [whole_day(start)], [turns])
    end = walltime.local_day(last, zone)
    after = moved(datetime.combine(end, datetime.min.time()), unit, length, 2).date()
    made = plan(rules, members("xyz"), PLAIN, start.date(), days_after(after, 1))
    changes: dict[int, int] = {}
    for slot in made.slots:
        changes.setdefault(slot.assigned[0].why.turn, slot.starts_at)
    planned = sorted(changes.values())
    found = [at for at in planned if max((each for each in planned if each <= first), default=first) <= at]
    cut = found[: next(number for number, at in enumerate(found) if at > last) + 1]
    told = counting.handoffs(rules.rotations[0], zone, cut[0], cut[-1] + 1)
    assert list(told) == cut, f"the rule says {[with_offset(at, zone) for at in told]}"
    return cut


@check("handoff_instants")
def handoff_instants(case: Case) -> Answer:
    """The hand-offs around a span, with the offset that the clock shows."""
    zone = ZoneInfo(case.timezone)
    first, last = (local_instant(case.given[key], zone) for key in ("scan_from_local", "scan_to_local"))
    return {"handoffs": [with_offset(at, zone) for at in grid(case, first, last)]}


@check("shift_end")
def shift_end(case: Case) -> Answer:
    """When the turn that runs ends, and the hours that really pass until then."""
    zone = ZoneInfo(case.timezone)
    at = local_instant(case.given["at_local"], zone)
    end = grid(case, at, at)[-1]
    return {"shift_end_local": local_text(end, zone), "elapsed_hours": (end - at) / HOUR}


@check("shift_instants")
def shift_instants(case: Case) -> Answer:
    """When the turn that runs at an instant began, and when it ends."""
    at = local_instant(case.given["at_utc"], ZoneInfo("UTC"))
    begin, end = grid(case, at, at)
    shown = [datetime.fromtimestamp(each, UTC).strftime("%Y-%m-%dT%H:%MZ") for each in (begin, end)]
    return {"start": shown[0], "end": shown[1]}
