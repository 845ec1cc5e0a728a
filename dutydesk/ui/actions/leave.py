"""Leave from anywhere: asked for, covered, answered, decided, taken back. Swaps are in `actions.swaps`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from dutydesk.domain import clock
from dutydesk.domain.leave import REASON_LIMIT, CoverStatus, LeaveKind, LeaveStatus, Span, boundary, days_of
from dutydesk.domain.people import Role
from dutydesk.domain.text import clean, cut
from dutydesk.domain.words import N_, Label
from dutydesk.locale import _, pick, times, word
from dutydesk.locale.leave import (
    duty_words,
    hours,
    leave_state,
    leave_when,
    reasons,
    swap_duty,
)
from dutydesk.services import leave, people
from dutydesk.services.leave import DutyLine, LeaveView, NewCover, NewLeave
from dutydesk.ui import marks
from dutydesk.ui.forms.spec import Choice, Field, FormSpec, Moment, Option, Pick, Text

if TYPE_CHECKING:
    from dutydesk.services.covers import Candidate
    from dutydesk.ui.app import DeskApp
    from dutydesk.ui.screens.palette import Found

NOBODY = 0
"""What is chosen to leave a shift without cover."""


# Going there


async def show_leaves(app: DeskApp, key: tuple[str, int] | None = None) -> None:
    """Show leaves and swaps, what waits for this person first; `key` is the request to stand on."""
    from dutydesk.ui.screens.leaves import LeavesScreen

    screen = app.shown
    if not isinstance(screen, LeavesScreen):
        screen = LeavesScreen()
        await app.push_screen(screen)
    await screen.loaded()
    if key is not None:
        await screen.records.goto(key)


async def show_leave(app: DeskApp, leave_id: int) -> None:
    """Show one leave with its shifts and covers."""
    from dutydesk.ui.screens.leave import LeaveScreen

    screen = app.shown
    if isinstance(screen, LeaveScreen) and screen.leave_id == leave_id:
        screen.request_reload()
    else:
        screen = LeaveScreen(leave_id)
        await app.push_screen(screen)
    await screen.loaded()


async def open_subject(app: DeskApp, subject: str, subject_id: int | None) -> None:
    """Go where a notice or a line of the Shift screen leads: one leave, or the list at one swap."""
    if subject == "leave" and subject_id is not None:
        await show_leave(app, subject_id)
    else:
        await show_leaves(app, ("swap", subject_id) if subject_id is not None else None)


async def find(app: DeskApp, words: str) -> list[Found]:
    """Find the list itself, and requests that are not over, by number, name and kind, for the palette."""
    from dutydesk.ui.screens.palette import Found, matching

    found = [
        Found(_("Leave and swaps"), "", partial(show_leaves, app), opens=True, also="leave swap cover substitute"),
        Found(_("Ask for leave"), "", partial(ask_leave, app), opens=True, also="leave ask holiday"),
    ]
    for line in await app.desk.ask(leave.lines):
        if line.undecided or line.status is LeaveStatus.APPROVED:
            named = f"{line.number} {pick(line.person)} {leave_when(line)}"
            go = partial(show_leave, app, line.id)
            found.append(Found(named, leave_state(line), go, opens=True, also=f"leave {line.person.en}"))
    return matching(found, words)


# Asking


@dataclass(frozen=True)
class Bound(Moment):
    """The first or last moment of a leave: a day alone is the whole duty day, which begins at `opening`."""

    opening: int = 0
    end: bool = False

    def raw(self, value: int | None) -> str:
        """Return the day alone where the moment is the bound of one, so that it reads as it was meant."""
        if value is None:
            return ""
        days = days_of(value, value, self.opening, times.zone())
        if days is None:
            return super().raw(value)
        return (days[1] if self.end else days[0]).isoformat()

    def understand(self, raw: str) -> int:
        """Return the instant that `raw` means now; raise Invalid otherwise."""
        short = cut(clean(raw), 40)
        now, zone = clock.now(), times.zone()
        return boundary(short, opening=self.opening, last=self.end, now=now, zone=zone, field=self.name)


async def ask_leave(app: DeskApp, prefill: Mapping[str, Any] | None = None) -> LeaveView | None:
    """Ask for leave, then for a substitute of each shift it touches; None when the person left the form.

    `prefill` may hold `kind`, `starts_at`, `ends_at`, `reason`, `person`.
    """
    opening = await app.desk.ask(leave.opening)

    async def save(values: Mapping[str, Any]) -> LeaveView:
        new = NewLeave(
            kind=values["kind"],
            starts_at=values["starts_at"],
            ends_at=values["ends_at"],
            reason=values["reason"],
            person_id=values.get("person"),
        )
        return await app.desk.ask(leave.ask, new)

    spec = FormSpec(
        "leave.ask",
        N_("Ask for leave"),
        _ask_fields(app, opening),
        more=_for_whom(app),
        hint=N_("A day alone is the whole duty day with its night. Then you choose who covers each shift."),
        save_label=N_("Ask"),
    )
    initial = {"kind": LeaveKind.ANNUAL} | dict(prefill or {})
    if isinstance(initial.get("starts_at"), int):
        initial["starts_at"] = max(initial["starts_at"], clock.now())
    view: LeaveView | None = await app.ask_form(spec, initial, save)
    if view is None:
        return None
    await show_leave(app, view.line.id)
    await arrange(app, view)
    return view


def _ask_fields(app: DeskApp, opening: int) -> list[Field]:
    async def touches(values: Mapping[str, Any]) -> Sequence[str]:
        """Return the duties between the two moments that are typed."""
        first, last = values.get("starts_at"), values.get("ends_at")
        if not isinstance(first, int) or not isinstance(last, int) or last <= first:
            return []
        found = await app.desk.ask(leave.touched, first, last, values.get("person"))
        if not found:
            return [_("No shift of yours is planned then.")]
        named = [swap_duty(duty) for duty in found[:3]]
        named += [_("and {n} more", n=len(found) - 3)] if len(found) > 3 else []
        return [_("Touches {shifts}", shifts=_(", ").join(named))]

    return [
        Choice("kind", N_("Kind"), LeaveKind, required=True),
        Bound(
            "starts_at",
            N_("Begins"),
            required=True,
            ahead=True,
            strict=False,
            opening=opening,
            help=N_("12-05, tomorrow, or with a time: 12-05 14:00"),
        ),
        Bound(
            "ends_at",
            N_("Ends"),
            required=True,
            ahead=True,
            strict=False,
            opening=opening,
            end=True,
            help=N_("the last day, or a time"),
            watch=touches,
        ),
        Text("reason", N_("Why"), required=True, limit=REASON_LIMIT),
    ]


def _for_whom(app: DeskApp) -> list[Field]:
    if app.who is None or app.who.role is not Role.SUPERVISOR:
        return []

    async def staff() -> list[tuple[int, Label]]:
        everyone = await app.desk.ask(people.everyone)
        return [(person.id, person.label) for person in everyone if person.role is not Role.READER]

    return [Pick("person", N_("In the name of"), staff, help=N_("empty: for yourself"))]


# Covers


async def arrange(app: DeskApp, view: LeaveView) -> LeaveView:
    """Ask for a substitute of every stretch that nobody is asked for; leaving the question ends it."""
    for duty in view.duties:
        for span in duty.open:
            asked = await choose_cover(app, view, duty, span)
            if asked is None:
                return view
            view = asked
    return view


async def choose_cover(app: DeskApp, view: LeaveView, duty: DutyLine, span: Span) -> LeaveView | None:
    """Let a substitute be chosen for a stretch, the best first with the reasons; None when the person left."""
    found = await app.desk.ask(leave.candidates, view.line.id, duty.shift_id, *span)
    declined = {each.person_id for each in duty.covers if each.status is CoverStatus.DECLINED}
    found = sorted(found, key=lambda each: each.person.id in declined)
    options = [Option(each.person.id, each.person.label, _why(each, each.person.id in declined)) for each in found]
    nobody = _("The place stays empty; the supervisor must say why he approves it.")
    options.append(Option(NOBODY, _("Nobody"), nobody))
    named = f"{duty_words(replace(duty, spans=(span,)))}"
    hint = "" if found else _("Nobody is free: all are on duty, on leave, or cover for others.")
    person = await app.choose(_("Who covers {shift}?", shift=named), options, hint=hint)
    if person is None:
        return None
    if person == NOBODY:
        return view
    asked = await app.desk.ask(leave.cover, view.line.id, NewCover(duty.shift_id, person, *span))
    label = next(each.person.label for each in found if each.person.id == person)
    app.say(_("{name} is asked to cover {shift}.", name=pick(label), shift=named), "done")
    return asked


def _why(candidate: Candidate, declined: bool) -> str:
    """Return what speaks for and against a candidate; who has declined this shift is last and says so first."""
    told = reasons(candidate.reasons)
    if declined:
        return f"{marks.ABNORMAL} {_(', ').join([word(CoverStatus.DECLINED), told])}"
    return f"{marks.LATE} {told}" if candidate.concerns else told


async def ask_part(app: DeskApp, view: LeaveView, duty: DutyLine) -> LeaveView | None:
    """Ask from when to when a part of a shift is to be covered, then by whom; None when the person left."""

    async def save(values: Mapping[str, Any]) -> Span:
        from dutydesk.domain.leave import check_part

        return check_part((values["from_at"], values["to_at"]), (duty.from_at, duty.to_at), clock.now())

    bounds = hours(duty.from_at, duty.to_at)
    spec = FormSpec(
        None,
        N_("Cover a part of {shift}"),
        [
            Within("from_at", N_("Begins"), required=True, ahead=True, strict=False, base=duty.from_at),
            Within("to_at", N_("Ends"), required=True, ahead=True, strict=False, base=duty.from_at),
        ],
        hint=N_("Within {hours}."),
        save_label=N_("Who?"),
        words={"shift": duty_words(duty), "hours": bounds},
    )
    begin, end = duty.open[0] if duty.open else (duty.from_at, duty.to_at)
    span: Span | None = await app.ask_form(spec, {"from_at": begin, "to_at": end}, save)
    return await choose_cover(app, view, duty, span) if span is not None else None


@dataclass(frozen=True)
class Within(Moment):
    """A time of a shift that begins at `base`: `23:00` is the one that follows it."""

    base: int = 0

    def understand(self, raw: str) -> int:
        """Return the instant that `raw` means within the shift; raise Invalid otherwise."""
        short = clean(raw)
        if len(short) > 5 or ":" not in short.replace("：", ":"):
            return super().understand(raw)
        from dutydesk.domain import moments

        at = moments.moment(f"{times.date(self.base)} {short}", now=clock.now(), zone=times.zone(), field=self.name)
        return at if at >= self.base else at + 86400


async def drop_cover(app: DeskApp, cover_id: int) -> LeaveView:
    """Ask a substitute no longer."""
    view = await app.desk.ask(leave.drop_cover, cover_id)
    app.say(_("He is no longer asked."), "done")
    return view
