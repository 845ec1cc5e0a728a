"""The forms of leave, swaps, call-outs and corrections, on a desk where all of them wait with hostile reasons."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from dutydesk.domain.callouts import Called
from dutydesk.domain.incidents import Mode
from dutydesk.services import attendance_records, callouts, corrections, incidents, leave, swaps
from dutydesk.services.callouts import CallOutLine
from dutydesk.services.correction_views import RequestLine
from dutydesk.services.leave import NewCover, NewLeave
from dutydesk.services.swaps import NewSwap
from dutydesk.ui.actions import callouts as callout_actions
from dutydesk.ui.actions import corrections as correction_actions
from dutydesk.ui.actions import incidents as incident_actions
from dutydesk.ui.actions import leave as leave_actions
from dutydesk.ui.actions import leave_decide
from dutydesk.ui.actions import swaps as swap_actions
from dutydesk.ui.app import DeskApp
from dutydesk.ui.forms.spec import Picked
from tests.hostile import EVERYTHING
from tests.hostile_fields import World
from tests.services.conftest import PIN, moment

REASON = EVERYTHING[:150]
DAY = date(2026, 11, 22)
A_NIGHT_24, A_DAY_30, A_NIGHT_2 = 6, 17, 22
"""Ids of shifts of Eng. A, the last one on 2 December."""


@dataclass
class Absences:
    """What the forms are opened for; ids where the form wants what stands there by then."""

    asked: int
    open: int
    swap: int
    agreed: int
    callout: CallOutLine
    over: CallOutLine
    request: RequestLine
    sent: int


def absences(world: World) -> Absences:
    """Let Eng. A ask for leave, swaps and help, and Eng. C for a correction, all for hostile reasons."""
    c, d = world.actor("eng-c"), world.actor("eng-d")
    asked = _leave(world, "2026-11-24", "2026-11-25")
    leave.cover(world.a, asked, NewCover(A_NIGHT_24, world.b.person_id))
    agreed = swaps.ask(world.a, NewSwap(A_NIGHT_2, d.person_id, reason=REASON))
    came = moment("2026-11-22 08:10")
    sent = incidents.dispatch(world.a, world.incident(title=REASON).id, Mode.ON_SITE, name=EVERYTHING[:100])
    return Absences(
        asked=asked,
        open=_leave(world, "2026-11-26", "2026-11-27"),
        swap=swaps.ask(world.a, NewSwap(A_DAY_30, world.b.person_id, reason=REASON)).id,
        agreed=swaps.answer(d, agreed.id, True).id,
        callout=callouts.put_down(world.a, c.person_id, Called(moment("2026-11-22 12:00")), REASON),
        over=callouts.put_down(
            world.a, d.person_id, Called(moment("2026-11-22 09:00"), None, came + 7200, on_site=False), REASON
        ),
        request=corrections.ask(c, _day_shift(), REASON, came_at=came),
        sent=sent.id,
    )


def _leave(world: World, first: str, last: str) -> int:
    new = NewLeave("annual", moment(f"{first} 08:00"), moment(f"{last} 08:00"), REASON)
    return leave.ask(world.a, new).line.id


def _day_shift() -> int:
    return next(each.shift_id for each in attendance_records.duty_records(DAY, DAY) if each.kind == "day")


Open = Callable[[DeskApp, Absences], Awaitable[Any]]


def _on(step: Callable[..., Awaitable[Any]], view: Callable[..., Any], record: str, *more: Any) -> Open:
    """Return how a step is asked for with what the desk says of a record by then."""

    async def call(app: DeskApp, known: Absences) -> Any:
        return await step(app, await app.desk.ask(view, getattr(known, record)), *more)

    return call


def _with(step: Callable[..., Awaitable[Any]], record: str) -> Open:
    """Return how a step is asked for with a record as it was prepared."""

    async def call(app: DeskApp, known: Absences) -> Any:
        return await step(app, getattr(known, record))

    return call


def _duty(step: Callable[..., Awaitable[Any]]) -> Open:
    """Return how a step with the duty of Eng. A today is asked for."""

    async def call(app: DeskApp, known: Absences) -> Any:
        duties = await app.desk.ask(attendance_records.records, DAY, DAY)
        return await step(app, next(each for each in duties if each.login == "eng-a"))

    return call


async def _put_down(app: DeskApp, known: Absences) -> Any:
    return await callout_actions.put_down(app)


async def _ask_leave(app: DeskApp, known: Absences) -> Any:
    bounds = {"starts_at": moment("2026-12-04 08:00"), "ends_at": moment("2026-12-05 08:00")}
    return await leave_actions.ask_leave(app, bounds)


async def _ask_part(app: DeskApp, known: Absences) -> Any:
    view = await app.desk.ask(leave.view, known.open)
    return await leave_actions.ask_part(app, view, view.duties[0])


async def _ask_swap(app: DeskApp, known: Absences) -> Any:
    return await swap_actions.ask_swap(app)


ASKED: dict[str, Open] = {
    "actions/callouts.py put_down": _put_down,
    "actions/callouts.py complete": _with(callout_actions.complete, "callout"),
    "actions/corrections.py _ask": _duty(correction_actions.put_right),
    "actions/incidents.py _arrival": _on(incident_actions.arrived, incidents.view, "sent"),
    "actions/leave.py ask_leave": _ask_leave,
    "actions/leave.py ask_part": _ask_part,
    "actions/leave_decide.py take_back": _on(leave_decide.take_back, leave.view, "open"),
    "actions/swaps.py ask_swap": _ask_swap,
    "actions/swaps.py take_back": _on(swap_actions.take_back, swaps.view, "swap"),
}
ANSWERED: dict[str, Open] = {
    "actions/leave_decide.py answer": _on(leave_decide.answer, leave.view, "asked", False),
    "actions/swaps.py answer": _on(swap_actions.answer, swaps.view, "swap", False),
}
DECIDED: dict[str, Open] = {
    "actions/callouts.py correct": _with(callout_actions.correct, "callout"),
    "actions/callouts.py cancel": _with(callout_actions.cancel, "over"),
    "actions/corrections.py _correct": _duty(correction_actions.put_right),
    "actions/corrections.py take_back": _duty(correction_actions.take_back),
    "actions/corrections.py refuse": _with(correction_actions.refuse, "request"),
    "actions/leave_decide.py approve": _on(leave_decide.approve, leave.view, "asked"),
    "actions/leave_decide.py refuse": _on(leave_decide.refuse, leave.view, "open"),
    "actions/swaps.py approve": _on(swap_actions.approve, swaps.view, "agreed"),
    "actions/swaps.py refuse": _on(swap_actions.refuse, swaps.view, "swap"),
}
BY_PERSON = {"eng-a": ASKED, "eng-b": ANSWERED, "chief": DECIDED}
"""The forms by the login of the one who may open them."""
ABSENCES = ASKED | ANSWERED | DECIDED
"""Every form of leave, swaps, call-outs and corrections: the function that asks, and how it comes to that."""
RIGHT: dict[str, Any] = {
    "pin": PIN,
    "came": "08:01",
    "left": "",
    "called_at": "11:50",
    "arrived_at": "12:25",
    "left_at": "14:10",
    "person_id": Picked(1, "Chief"),
}
"""What stands in fields that take no free text, so that the hostile reason beside them is saved."""
