"""Swaps from anywhere: asked for, answered, decided, taken back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from dutydesk.domain import clock
from dutydesk.domain.errors import NotFound
from dutydesk.domain.leave import REASON_LIMIT, SwapStatus
from dutydesk.domain.walltime import local_day
from dutydesk.domain.words import N_, Label
from dutydesk.locale import _, pick, times
from dutydesk.locale.leave import day_words, hours, reasons, swap_against, swap_words
from dutydesk.services import covers, roster, swaps
from dutydesk.services.roster_views import SlotView
from dutydesk.services.swaps import NewSwap, SwapLine
from dutydesk.ui import marks
from dutydesk.ui.actions.leave_decide import as_seen
from dutydesk.ui.forms.signing import Signing
from dutydesk.ui.forms.spec import FormSpec, Option, Text

if TYPE_CHECKING:
    from dutydesk.ui.app import DeskApp

AHEAD = 92
"""Days ahead whose duties can be chosen."""
NOTHING = 0


async def ask_swap(app: DeskApp, slot: SlotView | None = None) -> SwapLine | None:
    """Ask which duty goes to whom and what is taken for it; `slot` is one's own duty. None when the person left."""
    me = app.who.person_id if app.who else 0
    if slot is None or me not in {place.person_id for place in slot.people}:
        slot = await _choose_duty(app, me, _("Which of your duties"), None)
    if slot is None or slot.shift_id is None:
        return None
    other = await _choose_person(app, slot)
    if other is None:
        return None
    theirs = await _choose_duty(app, other[0], _("Which duty do you take for it"), other[1])
    if theirs is None:
        return None
    mine_id, theirs_id = slot.shift_id, theirs.shift_id if isinstance(theirs, SlotView) else None

    async def save(values: Mapping[str, Any]) -> SwapLine:
        return await app.desk.ask(swaps.ask, NewSwap(mine_id, other[0], theirs_id, values["reason"]))

    spec = FormSpec(
        None,
        N_("Swap with {name}"),
        [Text("reason", N_("Why"), limit=REASON_LIMIT)],
        hint=N_("{mine} for {theirs}. He is asked, then the supervisor.")
        if isinstance(theirs, SlotView)
        else N_("{name} takes {mine}, nothing in return. He is asked, then the supervisor."),
        save_label=N_("Ask"),
        words={
            "name": pick(other[1]),
            "mine": _slot(slot),
            "theirs": _slot(theirs) if isinstance(theirs, SlotView) else "",
        },
    )
    line: SwapLine | None = await app.ask_form(spec, {}, save)
    if line is not None:
        app.say(_("{number} is asked for.", number=line.number), "done")
    return line


def _slot(slot: SlotView) -> str:
    return f"{day_words(slot.day.isoformat())} {pick(slot.title)}"


async def _choose_duty(app: DeskApp, person_id: int, title: str, giver: Label | None) -> Any:
    """Let one of a person's duties ahead be chosen; of somebody else's also none, which is NOTHING."""
    now = clock.now()
    today = local_day(now, times.zone())
    slots = await app.desk.ask(roster.duties, person_id, today, today + timedelta(days=AHEAD))
    options: list[Option] = [
        Option(slot, _slot(slot), hours(slot.starts_at, slot.ends_at)) for slot in slots if slot.starts_at > now
    ]
    if giver is not None:
        options.insert(0, Option(NOTHING, _("Nothing"), _("{name} takes it for nothing in return", name=pick(giver))))
    if not options:
        raise NotFound(N_("You have no duty ahead."))
    chosen = await app.choose(title, options)
    return None if chosen is None else chosen


async def _choose_person(app: DeskApp, slot: SlotView) -> tuple[int, Label] | None:
    assert slot.shift_id is not None
    found = await app.desk.ask(covers.propose, slot.shift_id)
    if not found:
        raise NotFound(N_("Nobody is free: all are on duty, on leave, or cover for others."))
    options = [
        Option(each.person.id, each.person.label, (f"{marks.LATE} " if each.concerns else "") + reasons(each.reasons))
        for each in found
    ]
    person = await app.choose(_("Who takes {shift}?", shift=_slot(slot)), options)
    return next(((each.person.id, each.person.label) for each in found if each.person.id == person), None)


async def answer(app: DeskApp, line: SwapLine, agrees: bool) -> SwapLine | None:
    """Say whether one swaps; a no may give its reason."""
    reason = ""
    if not agrees:
        said = await app.ask_line(_("Why not swap with {name}?", name=pick(line.person)), required=False)
        if said is None:
            return None
        reason = said
    after = await app.desk.ask(swaps.answer, line.id, agrees, reason, version=line.version)
    if after.status is SwapStatus.APPROVED:
        app.say(_("You swap; the roster follows."), "done")
    else:
        app.say(_("You agree to swap; the supervisor decides.") if agrees else _("You do not swap."), "done")
    return after


async def approve(app: DeskApp, line: SwapLine) -> SwapLine | None:
    """Approve a swap with the PIN, and the reason where something speaks against it; None when the person left."""
    against = swap_against(line)
    asked = Signing("reason", N_("Why"), REASON_LIMIT, required=bool(against))

    async def save(values: Mapping[str, Any]) -> SwapLine:
        with as_seen(app, line.number):
            return await app.desk.ask(
                swaps.approve, values["pin"], line.id, reason=values["reason"], version=line.version
            )

    spec = FormSpec(
        None,
        N_("Approve {number}"),
        asked.fields,
        asked.more,
        hint=N_("{what}."),
        save_label=N_("Approve"),
        words={"number": line.number, "what": against or swap_words(line)},
    )
    done: SwapLine | None = await app.ask_form(spec, {"reason": ""}, save)
    if done is not None:
        app.say(_("{number} is approved; the roster follows.", number=line.number), "done")
    return done


async def refuse(app: DeskApp, line: SwapLine) -> SwapLine | None:
    """Refuse a swap with a reason and the PIN; None when the person left."""

    async def save(values: Mapping[str, Any]) -> SwapLine:
        with as_seen(app, line.number):
            return await app.desk.ask(swaps.refuse, values["pin"], line.id, values["reason"], version=line.version)

    spec = FormSpec(
        None,
        N_("Refuse {number}"),
        Signing("reason", N_("Why"), REASON_LIMIT).fields,
        hint=N_("{what}. The reason is told."),
        save_label=N_("Refuse"),
        words={"number": line.number, "what": swap_words(line)},
    )
    done: SwapLine | None = await app.ask_form(spec, {}, save)
    if done is not None:
        app.say(_("{number} is refused.", number=line.number), "done")
    return done


async def take_back(app: DeskApp, line: SwapLine) -> SwapLine | None:
    """Withdraw a swap; a supervisor takes back an approved one with a reason. None when the person left."""
    approved = line.status is SwapStatus.APPROVED

    async def save(values: Mapping[str, Any]) -> SwapLine:
        with as_seen(app, line.number):
            return await app.desk.ask(swaps.withdraw, line.id, values["reason"], version=line.version)

    spec = FormSpec(
        None,
        N_("Withdraw {number}"),
        [Text("reason", N_("Why"), required=approved, limit=REASON_LIMIT)],
        hint=N_("Both are told, and the roster follows.") if approved else N_("Whoever was asked is told."),
        save_label=N_("Withdraw"),
        words={"number": line.number},
    )
    done: SwapLine | None = await app.ask_form(spec, {}, save)
    if done is not None:
        app.say(_("{number} is withdrawn.", number=line.number), "done")
    return done
