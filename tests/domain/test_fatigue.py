"""Fatigue: the published numbers, what is flagged over a run of duties, and flags after changes (DOMAIN 3)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dutydesk.domain import fatigue, overlay, walltime
from dutydesk.domain.calendar import WorkCalendar
from dutydesk.domain.errors import Invalid
from dutydesk.domain.overlay import Change, ChangeKind
from dutydesk.domain.planned import Assigned, Flag, Slot, Why, Worked
from dutydesk.domain.policy import Policy, read_policy
from dutydesk.domain.rotation import Member, plan
from dutydesk.domain.rules import Rest
from dutydesk.storage.shipped import data_path

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
EVERY = WorkCalendar("plain", {}, every_year=True)
HSE = fatigue.read_guidance(data_path("fatigue", "hse.toml").read_text("utf-8"), "hse.toml")
DESK = (
    'name = "x"\nzone = "Asia/Shanghai"\ncalendar = "cn"\n[shifts.day]\nfrom = "08:00"\nto = "20:00"\n'
    '[shifts.night]\nfrom = "20:00"\nto = "08:00"\n[shifts.long]\nfrom = "08:00"\nto = "22:00"\n'
    '[[rotation]]\nname = "turns"\nstart = 2026-03-01\norder = "all"\ncap_per_month = 6\nshifts = ["day", "night"]\n'
    "[rest]\nhours_a_shift = 12\nnights_in_a_row = 3\ndays_in_a_row = 7\nhours_between = 11\nfull_nights_after_run = 2"
)


def slots(*duties: tuple[int, str], login: str = "a", rule: str = "turns") -> list[Slot]:
    """Return slots in March 2026, each a day of the month and a shift, all of one person."""
    policy = desk()
    made = []
    for number, (day, kind) in enumerate(duties, start=1):
        begin, end = policy.shifts[kind].bounds(date(2026, 3, day), SHANGHAI)
        assigned = (Assigned(login, "", Why(rule, number)),)
        made.append(Slot(date(2026, 3, day), kind, begin, end, assigned))
    return made


def desk() -> Policy:
    return read_policy(DESK)


def found(duties: Sequence[Slot]) -> list[tuple[int, Flag]]:
    return [(warning.slot.day.day, warning.flag) for warning in fatigue.warnings(duties, desk())]


def test_the_published_numbers() -> None:
    """DOMAIN 3: at most 12 h, 3 nights, 7 days, at least 11 h, two full nights after a run of nights."""
    assert HSE.rest == Rest(11, 12, 3, 7, 2)
    assert HSE.rest == desk().rest
    assert "HSG256" in HSE.source
    with pytest.raises(Invalid, match="source is missing"):
        fatigue.read_guidance('name = "x"')


@pytest.mark.parametrize(
    ("duties", "expected"),
    [
        ([(1, "day"), (2, "day")], []),
        ([(1, "day"), (1, "night")], [(1, Flag.SHORT_REST)]),
        ([(1, "long")], [(1, Flag.LONG_SHIFT)]),
        ([(day, "day") for day in range(1, 7)], []),
        ([(day, "day") for day in range(1, 8)], [(7, Flag.OVER_CAP)]),
        ([(day, "day") for day in range(1, 9)], [(7, Flag.OVER_CAP), (8, Flag.OVER_CAP), (8, Flag.DAYS)]),
        ([(day, "night") for day in range(1, 5)], [(4, Flag.NIGHTS)]),
        ([(1, "night"), (2, "night"), (4, "day")], [(4, Flag.RECOVERY)]),
        ([(1, "night"), (2, "night"), (4, "night")], [(4, Flag.RECOVERY)]),
        ([(1, "night"), (2, "night"), (5, "day")], []),
        ([(1, "night"), (3, "day")], []),
        ([(1, "night"), (2, "night"), (4, "day"), (5, "day")], [(4, Flag.RECOVERY)]),
    ],
)
def test_what_is_flagged(duties: list[tuple[int, str]], expected: list[tuple[int, Flag]]) -> None:
    assert found(slots(*duties)) == expected
    assert found(slots(*duties)[::-1]) == expected, "the order of rows does not matter"


def test_the_sentence_has_the_numbers() -> None:
    said = [
        str(warning.note)
        for warning in fatigue.warnings(slots((1, "night"), (2, "night"), (3, "night"), (4, "long")), desk())
    ]
    assert said == [
        "Only 0 h of rest; the policy wants 11 h.",
        "14 h in one duty; the policy allows 12 h.",
        "0 free nights after 3 nights in a row; the policy wants 2.",
    ]


def test_the_duties_before_count() -> None:
    before = Worked("a", date(2026, 2, 28), *desk().shifts["night"].bounds(date(2026, 2, 28), SHANGHAI), True)
    warnings = fatigue.warnings(slots((1, "day")), desk(), [before])
    assert [warning.flag for warning in warnings] == [Flag.SHORT_REST]


def test_a_full_night_is_one_on_the_wall_clock() -> None:
    """The night of a clock change has an hour less or more and is one night."""
    rest = HSE.rest
    for day in (date(2026, 3, 28), date(2026, 10, 24)):
        evening = walltime.at(day, 20 * 3600, BERLIN)
        morning = walltime.at(day + timedelta(days=1), 7 * 3600, BERLIN)
        assert fatigue.full_nights(evening, morning, rest, BERLIN) == 1
        assert fatigue.full_nights(evening, morning - 1, rest, BERLIN) == 0
        assert fatigue.full_nights(evening, morning + 86_400, rest, BERLIN) == 2


def test_flags_are_found_anew_after_changes() -> None:
    """Who covers for another carries their own tiredness, and the flags of whoever is off are gone."""
    people = [Member("a"), Member("b"), Member("c")]
    planned = plan(desk(), people, EVERY, date(2026, 3, 1), date(2026, 3, 4)).slots
    assert fatigue.marked(planned, desk()) == planned, "a plan is flagged already"
    night = planned[1]
    change = Change(9, night.day, night.key, ChangeKind.REPLACE, night.logins[0], planned[0].logins[0])
    laid = fatigue.marked(overlay.apply(planned, [change]), desk())
    assert laid[1].assigned[0].flags == (Flag.SHORT_REST,)
    assert [str(note) for note in laid[1].assigned[0].why.notes] == [
        "Change 9: in the place of b, by hand.",
        "Only 0 h of rest; the policy wants 11 h.",
    ]
    assert laid[1].assigned[0].why.change == 9
    assert fatigue.marked(laid, desk()) == laid
    half = Change(10, night.day, night.key, ChangeKind.REPLACE, "b", "c", from_at=night.starts_at + 6 * 3600)
    parts = fatigue.marked(overlay.apply(planned, [half]), desk())
    assert [(held.login, held.flags) for held in parts[1].assigned] == [("b", ()), ("c", ())]
    assert parts[2].assigned[0].flags == (Flag.SHORT_REST,), "c is on again at eight"


def test_pieces_of_one_shift_are_one_duty() -> None:
    policy = desk()
    begin, end = policy.shifts["day"].bounds(date(2026, 3, 1), SHANGHAI)
    why = Why("turns", 1)
    noon = int(datetime(2026, 3, 1, 12, tzinfo=SHANGHAI).timestamp())
    pieces = [
        Slot(date(2026, 3, 1), "day", begin, noon, (Assigned("a", "", why),)),
        Slot(date(2026, 3, 1), "day", noon + 7200, end, (Assigned("a", "", why),), part=1),
    ]
    assert not fatigue.warnings(pieces, policy)
    more = [*slots(*[(day, "day") for day in (3, 5, 7, 9, 11)]), *pieces]
    assert not fatigue.warnings(more, policy), "six duties, the cap of the month"
