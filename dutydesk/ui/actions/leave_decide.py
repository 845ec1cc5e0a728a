"""A leave answered by its substitutes, decided by a supervisor, taken back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from dutydesk.domain.errors import Conflict, NotFound, Refused
from dutydesk.domain.leave import REASON_LIMIT, CoverStatus, LeaveStatus
from dutydesk.domain.words import N_
from dutydesk.locale import _, ngettext, pick
from dutydesk.locale.leave import duty_words, leave_when, reasons
from dutydesk.services import leave
from dutydesk.services.leave import DutyLine, LeaveView
from dutydesk.ui import marks
from dutydesk.ui.forms.signing import Signing
from dutydesk.ui.forms.spec import FormSpec, Text

if TYPE_CHECKING:
    from dutydesk.ui.app import DeskApp


async def answer(app: DeskApp, view: LeaveView, agrees: bool) -> LeaveView | None:
    """Answer every cover that this person is asked for in a leave; a no may give its reason."""
    me = app.who.person_id if app.who else 0
    mine = [
        cover
        for duty in view.duties
        for cover in duty.standing
        if cover.person_id == me and (cover.status is CoverStatus.ASKED or not agrees)
    ]
    if not mine:
        raise NotFound(N_("{number} asks nothing of you."), number=view.line.number)
    reason = ""
    if not agrees:
        said = await app.ask_line(_("Why can you not cover for {name}?", name=pick(view.line.person)), required=False)
        if said is None:
            return None
        reason = said
    after = view
    for cover in mine:
        after = await app.desk.ask(leave.answer, cover.id, agrees, reason)
    done = _("You cover for {name}; the supervisor decides.") if agrees else _("You do not cover for {name}.")
    app.say(done.format(name=pick(view.line.person)), "done")
    return after


@contextmanager
def as_seen(app: DeskApp, number: str) -> Iterator[None]:
    """Say that a request is another than on the screen, where somebody changed it meanwhile; it is read again."""
    try:
        yield
    except Conflict:
        raise Refused(N_("{number} has changed while you looked at it: esc, and look again."), number=number) from None
    finally:
        if app.shown is not None:
            app.shown.request_reload()


async def approve(app: DeskApp, view: LeaveView) -> LeaveView | None:
    """Approve a leave with the PIN, and the reason where something speaks against it; None when the person left."""
    line = view.line
    against = against_words(view)
    asked = Signing("reason", N_("Why"), REASON_LIMIT, required=bool(against))

    async def save(values: Mapping[str, Any]) -> LeaveView:
        with as_seen(app, line.number):
            return await app.desk.ask(
                leave.approve, values["pin"], line.id, reason=values["reason"], version=line.version
            )

    spec = FormSpec(
        None,
        N_("Approve {number}"),
        asked.fields,
        asked.more,
        hint=N_("{name}, {when}. {what}"),
        save_label=N_("Approve"),
        words={
            "number": line.number,
            "name": pick(line.person),
            "when": leave_when(line),
            "what": against or _follows(view),
        },
    )
    done: LeaveView | None = await app.ask_form(spec, {"reason": ""}, save)
    if done is not None:
        app.say(_("{number} is approved; the roster follows.", number=line.number), "done")
    return done


def against_words(view: LeaveView) -> str:
    """Return what speaks against a leave, so that approving it needs a reason; "" for nothing."""
    open_ = sum(not duty.fixed and _uncovered(duty) for duty in view.duties)
    said = [ngettext("{n} shift stays empty.", "{n} shifts stay empty.", open_)] if open_ else []
    for duty in view.duties:
        for cover in duty.standing:
            if cover.trouble is not None or cover.concerns:
                found = [cover.trouble] if cover.trouble is not None else cover.concerns
                said.append(_("{name}: {value}", name=pick(cover.label), value=reasons(found)))
    return " ".join(said)


def _uncovered(duty: DutyLine) -> bool:
    return bool(duty.open) or any(cover.status is not CoverStatus.AGREED for cover in duty.standing)


def _follows(view: LeaveView) -> str:
    if not view.duties:
        return _("No shift is touched.")
    told = [
        _("{name}: {value}", name=duty_words(duty), value=_(", ").join(pick(cover.label) for cover in duty.standing))
        for duty in view.duties[:2]
    ]
    return f" {marks.DOT} ".join(told)


async def refuse(app: DeskApp, view: LeaveView) -> LeaveView | None:
    """Refuse a leave with a reason and the PIN; None when the person left."""
    line = view.line

    async def save(values: Mapping[str, Any]) -> LeaveView:
        with as_seen(app, line.number):
            return await app.desk.ask(leave.refuse, values["pin"], line.id, values["reason"], version=line.version)

    spec = FormSpec(
        None,
        N_("Refuse {number}"),
        Signing("reason", N_("Why"), REASON_LIMIT).fields,
        hint=N_("{name}, {when}: the reason is told."),
        save_label=N_("Refuse"),
        words={"number": line.number, "name": pick(line.person), "when": leave_when(line)},
    )
    done: LeaveView | None = await app.ask_form(spec, {}, save)
    if done is not None:
        app.say(_("{number} is refused.", number=line.number), "done")
    return done


async def take_back(app: DeskApp, view: LeaveView) -> LeaveView | None:
    """Withdraw a leave that nobody has decided, or cancel an approved one; None when the person left."""
    line = view.line
    approved = line.status is LeaveStatus.APPROVED

    async def save(values: Mapping[str, Any]) -> LeaveView:
        if approved:
            return await app.desk.ask(leave.cancel, line.id, values["reason"])
        return await app.desk.ask(leave.withdraw, line.id, values["reason"])

    spec = FormSpec(
        None,
        N_("Cancel {number}") if approved else N_("Withdraw {number}"),
        [Text("reason", N_("Why"), required=approved, limit=REASON_LIMIT)],
        hint=N_("The covers fall away, the shifts ahead are yours again, and everybody concerned is told.")
        if approved
        else N_("Whoever was asked is told."),
        save_label=N_("Withdraw"),
        words={"number": line.number},
    )
    done: LeaveView | None = await app.ask_form(spec, {}, save)
    if done is not None:
        said = _("{number} is cancelled; the roster follows.") if approved else _("{number} is withdrawn.")
        app.say(said.format(number=line.number), "done")
    return done
