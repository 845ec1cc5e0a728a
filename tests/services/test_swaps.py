"""Swaps between two people: asked, agreed, approved; the roster follows, and what comes in between."""

from __future__ import annotations

from datetime import date

import pytest

from dutydesk.domain.errors import Invalid, Refused
from dutydesk.domain.leave import SwapStatus
from dutydesk.domain.policy import read_policy
from dutydesk.locale.lines import said
from dutydesk.services import leave_due, leave_follow, notices, roster, shift, swaps
from dutydesk.services.core import Actor
from dutydesk.services.leave_due import WaitKind
from dutydesk.services.swaps import NewSwap
from dutydesk.storage import chain, models
from dutydesk.storage.engine import db
from dutydesk.storage.shipped import data_path
from tests.services.conftest import PIN, Clock, moment
from tests.services.test_leave import roster_changes_by_hand

A_NIGHT_24, C_DAY_25, D_NIGHT_25, D_DAY_27 = 6, 7, 8, 11


def told(who: Actor) -> str:
    return said(notices.mine(who)[0].said)


def on(who: Actor, at: str) -> list[str]:
    view = shift.at(who, moment(at))
    assert view is not None
    return [person.login for person in view.assigned]


def ask(who: Actor, other: Actor, mine: int = A_NIGHT_24, theirs: int | None = D_DAY_27) -> swaps.SwapLine:
    return swaps.ask(who, NewSwap(mine, other.person_id, theirs, "school visit"))


def test_both_agree_and_a_supervisor_approves(eng_a: Actor, eng_d: Actor, chief: Actor) -> None:
    line = ask(eng_a, eng_d)
    assert (line.number, line.status, line.trouble) == ("SW-261122-1", SwapStatus.ASKED, None)
    assert told(eng_d) == ("Eng. A asks you to swap: you take Night 24 Nov, he takes Day 27 Nov (SW-261122-1).")
    assert [wait.kind for wait in leave_due.waiting_for(eng_d.person_id, "engineer")] == [WaitKind.SWAP]
    with pytest.raises(Refused, match="only he answers"):
        swaps.answer(eng_a, line.id, True)
    with pytest.raises(Refused, match="has not answered"):
        swaps.approve(chief, PIN, line.id)
    line = swaps.answer(eng_d, line.id, True)
    assert line.status is SwapStatus.AGREED
    assert [wait.kind for wait in leave_due.waiting_for(chief.person_id, "supervisor")] == [WaitKind.DECIDE_SWAP]
    assert on(eng_a, "2026-11-24 21:00") == ["eng-a"]
    line = swaps.approve(chief, PIN, line.id, version=line.version)
    assert line.status is SwapStatus.APPROVED
    assert (on(eng_a, "2026-11-24 21:00"), on(eng_a, "2026-11-27 10:00")) == (["eng-d"], ["eng-a"])
    made = roster.changes(chief, date(2026, 11, 24), date(2026, 11, 27))
    assert [change.reason for change in made] == ["SW-261122-1"] * 2
    assert told(eng_a) == "The roster follows swap SW-261122-1: Eng. D is on Night 24 Nov, Eng. A on Day 27 Nov."
    assert chain.verify().broken is None

    with pytest.raises(Refused, match="approved already"):
        swaps.withdraw(eng_a, line.id)
    with pytest.raises(Invalid):
        swaps.withdraw(chief, line.id)
    swaps.withdraw(chief, line.id, "both asked me to")
    assert (on(eng_a, "2026-11-24 21:00"), on(eng_a, "2026-11-27 10:00")) == (["eng-a"], ["eng-d"])


def test_a_duty_for_nothing_and_one_that_ends_without_rest(eng_a: Actor, eng_c: Actor, chief: Actor) -> None:
    line = ask(eng_a, eng_c, theirs=None)
    assert said(line.concerns[0][1]) == "only 0 h of rest, 11 h are wanted"
    swaps.answer(eng_c, line.id, True)
    with pytest.raises(Invalid, match="needs a reason"):
        swaps.approve(chief, PIN, line.id)
    swaps.approve(chief, PIN, line.id, reason="he asked for it himself")
    assert on(eng_a, "2026-11-24 21:00") == ["eng-c"]


def test_the_swapped_duty_is_no_obstacle_and_no_lack_of_rest(eng_a: Actor, eng_c: Actor) -> None:
    assert ask(eng_a, eng_c, theirs=C_DAY_25).concerns == ()


def test_declined_refused_withdrawn(eng_a: Actor, eng_d: Actor, chief: Actor) -> None:
    line = ask(eng_a, eng_d)
    with pytest.raises(Refused, match="SW-261122-1 is about that shift already"):
        ask(eng_a, eng_d)
    assert swaps.answer(eng_d, line.id, False).status is SwapStatus.DECLINED
    assert told(eng_a) == "Eng. D does not swap Night 24 Nov with you (SW-261122-1)."
    with pytest.raises(Refused, match="has declined"):
        swaps.answer(eng_d, line.id, True)
    line = ask(eng_a, eng_d)
    swaps.answer(eng_d, line.id, True)
    with pytest.raises(Refused, match="PIN is wrong"):
        swaps.approve(chief, "1111", line.id)
    swaps.refuse(chief, PIN, line.id, "audit week")
    assert told(eng_a) == "Swap SW-261122-2 is refused: audit week"
    line = ask(eng_a, eng_d)
    with pytest.raises(Refused, match="or a supervisor"):
        swaps.withdraw(eng_d, line.id)
    assert swaps.withdraw(eng_a, line.id).status is SwapStatus.WITHDRAWN


@pytest.mark.parametrize(
    ("mine", "theirs", "sentence"),
    [
        (C_DAY_25, None, "Eng. A is not on all of that shift"),
        (A_NIGHT_24, C_DAY_25, "Eng. D is not on all of that shift"),
        (1, None, "has begun or is signed for"),
        (A_NIGHT_24, A_NIGHT_24, "one and the same shift"),
    ],
)
def test_what_cannot_be_swapped(eng_a: Actor, eng_d: Actor, mine: int, theirs: int | None, sentence: str) -> None:
    with pytest.raises((Refused, Invalid), match=sentence):
        ask(eng_a, eng_d, mine, theirs)


def test_a_change_of_the_roster_ends_the_swap(eng_a: Actor, eng_b: Actor, eng_d: Actor, chief: Actor) -> None:
    line = ask(eng_a, eng_d)
    swaps.answer(eng_d, line.id, True)
    roster_changes_by_hand(chief, A_NIGHT_24, eng_b, out=eng_a)
    with pytest.raises(Refused, match=r"Eng\. A is not on all of that shift"):
        swaps.approve(chief, PIN, line.id)
    with db.atomic():
        leave_follow.roster_changed(chief)
    assert swaps.view(eng_a, line.id).status is SwapStatus.WITHDRAWN
    assert told(eng_d) == (
        "The roster has changed: Eng. A is not on all of that shift as the roster stands. "
        "Swap SW-261122-1 of Night 24 Nov was withdrawn."
    )


def test_where_the_policy_asks_no_supervisor_the_roster_follows_at_once(eng_a: Actor, eng_d: Actor, now: Clock) -> None:
    text = data_path("policies", "twelve-hour.toml").read_text(encoding="utf-8")
    assert read_policy(text).swap_needs_approval
    row = models.Policy.select().first()
    changed = f"{text}\n[roster]\nswap_needs_approval = false\n"
    models.Policy.update(text=changed).where(models.Policy.id == row.id).execute()
    line = swaps.answer(eng_d, ask(eng_a, eng_d).id, True)
    assert line.status is SwapStatus.APPROVED
    assert on(eng_a, "2026-11-24 21:00") == ["eng-d"]
