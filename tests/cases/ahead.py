"""Plans made ahead of time: what runs already, whole turns only, nobody who is away; asked of `rotation.plan`."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from dutydesk.domain import walltime
from dutydesk.domain.calendar import WEEKDAY_KEYS
from dutydesk.domain.rotation import Away, Slot, plan
from tests.cases.collected import Case
from tests.cases.kinds import Answer, NotSayable, check
from tests.cases.policies import PLAIN, WEEKDAYS, Shift, Turns, lasting, members, policy, seconds_of
from tests.cases.rotations import T0, days_after, one_or_all, turns_of
from tests.cases.times import local_instant, local_text


@check("populate")
def populate(case: Case) -> Answer:
    """What a plan made ahead holds: the turns that run already, whole ones only, nobody who is away."""
    if "vacation" in case.given:
        return _with_vacation(case)
    if "template" not in case.given:
        raise NotSayable("the engine has no clock: what lies in the past is refused where a plan is published")
    zone = walltime.zone_named(case.timezone)
    now = datetime.fromisoformat(case.given["now"])
    begins, shifts, weeks = _template(case.given["template"])
    monday = days_after(now.date(), -((now.weekday() - begins) % 7))
    keys = {"every": "week", "interval": weeks, "week_starts": [WEEKDAY_KEYS[begins]]}
    rotations = [Turns(key, [["x"], ["y"]], monday, keys | {"shifts": [key]}) for key in shifts]
    last = days_after(now.date(), case.given["horizon_days"])
    rules = policy(case.timezone, [shift for shift, _ in shifts.values()], rotations)
    made = plan(rules, members("xy"), PLAIN, monday, days_after(last, weeks * 7))
    held = _published_until(case, weeks)
    epochs = [turn for turn in turns_of(made) if turn[0].starts_at >= held and turn[0].day <= last]
    starts = [[local_text(begin, zone) for begin, _ in _events(turn, shifts)] for turn in epochs]
    shown = [text for found in starts for text in found]
    gaps = [gap for gap in made.gaps if epochs and epochs[0][0].starts_at <= gap.starts_at < epochs[-1][0].starts_at]
    return {
        "epochs": len(epochs),
        "starts_local": shown,
        "second_epoch_starts_local": starts[1] if len(starts) > 1 else [],
        "rule": ", ".join(clause for clause in _clauses(case) if _clause_holds(clause, shown, not gaps)),
    }


def _clauses(case: Case) -> list[str]:
    text = case.expect.get("rule")
    return text.split(", ") if text else []


def _clause_holds(clause: str, starts: list[str], contiguous: bool) -> bool:
    """Whether a clause such as `always 11:00 local` is true of starts in local time."""
    if clause == "contiguous":
        return contiguous
    found = re.fullmatch(r"always (\d\d:\d\d) local", clause)
    if not found:
        raise NotSayable(f"the clause “{clause}”")
    return all(text.endswith(f"T{found[1]}") for text in starts)


def _template(template: Any) -> tuple[int, dict[str, tuple[Shift, bool]], int]:
    """Return the weekday a week begins with, our shifts (with whether their days are one event), weeks a turn."""
    if isinstance(template, str):
        found = re.fullmatch(r"(\d+) consecutive (\d+)h shifts from (\w\w) (\d\d):(\d\d)", template)
        if not found:
            raise NotSayable(f"the template “{template}”")
        count, hours, weekday = int(found[1]), int(found[2]), WEEKDAYS.index(found[3])
        if count % 7:
            raise NotSayable(f"{count} days a turn: a turn of several shifts takes whole weeks")
        seconds = int(found[4]) * 3600 + int(found[5]) * 60
        return weekday, {"s0": (lasting("s0", seconds, hours), False)}, count // 7
    shifts: dict[str, tuple[Shift, bool]] = {}
    weekdays = [WEEKDAYS.index(start.split()[0]) for start, _ in template]
    for number, (start, length) in enumerate(template):
        hour, _, minute = start.split()[1].partition(":")
        days, rest = divmod(seconds_of(length), 86_400)
        if rest and days:
            raise NotSayable(f"an event of {length}: days that are not whole")
        on = tuple(WEEKDAY_KEYS[(weekdays[number] + step) % 7] for step in range(max(1, days)))
        seconds, key = int(hour) * 3600 + int(minute) * 60, f"s{number}"
        shifts[key] = lasting(key, seconds, 24 if days else rest / 3600, on), days > 0
    return weekdays[0], shifts, 1


def _events(turn: list[Slot], shifts: dict[str, tuple[Shift, bool]]) -> list[tuple[int, int]]:
    """Return the events of a turn: the days of one that lasts several are put together."""
    events: list[tuple[int, int]] = []
    for slot in turn:
        if events and events[-1][1] == slot.starts_at and shifts[slot.kind][1]:
            events[-1] = (events[-1][0], slot.ends_at)
        else:
            events.append((slot.starts_at, slot.ends_at))
    return events


def _published_until(case: Case, weeks: int) -> int:
    """Return until when turns are published already: the last one is never made again."""
    text = case.given.get("last_epoch")
    if not text:
        return 0
    found = re.match(r"(\d{4}-\d\d-\d\d[ T]\d\d:\d\d)(?: ([A-Z]\S+))?", text)
    if not found:
        raise NotSayable(f"the last epoch “{text}”")
    return local_instant(found[1], walltime.zone_named(found[2] or case.timezone)) + weeks * 7 * 86_400


def _with_vacation(case: Case) -> Answer:
    """Who gets each week when somebody is away."""
    roster, start = list(case.given["roster"]), T0.date()
    last = days_after(start, case.given["weeks"] * 7 - 1)
    away = []
    for login, text in case.given["vacation"].each():
        weeks = range(case.given["weeks"])
        if not re.match(r"both|all|every", text):
            weeks = [int(number) - 1 for number in re.findall(r"week (\d)", text)]  # type: ignore[assignment]
            if not weeks:
                raise NotSayable(f"the vacation “{text}”")
        for week in weeks:
            begin = int((T0 + timedelta(weeks=week)).replace(tzinfo=UTC).timestamp())
            away.append(Away(login, begin, begin + 7 * 86_400))
    turns = Turns("turns", [[login] for login in roster], start, {"every": "week"})
    made = plan(
        policy("UTC", [Shift("duty", "00:00", "24:00")], [turns]), members(roster), PLAIN, start, last, away=away
    )
    return {"assigned": [one_or_all(list(made.slots[week * 7].logins)) for week in range(case.given["weeks"])]}
