"""Putting attendance right from the screens: asking, deciding, correcting, taking a signature back."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from dutydesk.domain import clock
from dutydesk.domain.corrections import REASON_LIMIT, time_on_shift
from dutydesk.domain.errors import Refused
from dutydesk.domain.words import N_
from dutydesk.locale import _, ngettext, pick, times
from dutydesk.locale import attendance as words
from dutydesk.services import correction_views, corrections
from dutydesk.services.attendance_records import DutyRecord
from dutydesk.services.correction_views import RequestLine
from dutydesk.ui.forms.signing import Signing
from dutydesk.ui.forms.spec import Check, Field, FormSpec, Option, Pick, Pin, Text

if TYPE_CHECKING:
    from dutydesk.ui.app import DeskApp
    from dutydesk.ui.screens.palette import Found


async def put_right(app: DeskApp, duty: DutyRecord) -> bool:
    """Correct a duty with the PIN, or ask the supervisor to; returns whether something was written."""
    if await app.desk.ask(corrections.may_decide, duty.person_id):
        return await _correct(app, duty)
    if app.who is None or duty.person_id != app.who.person_id:
        raise Refused(N_("Only the supervisor puts the attendance of others right."))
    return await _ask(app, duty)


def _named(duty: DutyRecord) -> dict[str, object]:
    signed = " ".join(part for part in (words.came(duty), words.left(duty)) if part)
    return {
        "name": pick(duty.label),
        "shift": pick(duty.title),
        "day": times.day_of(duty.day.isoformat()),
        "hours": words.hours(duty),
        "signed": signed or _("nothing"),
    }


def _times(duty: DutyRecord) -> list[Field]:
    begin, end = times.hhmm(duty.starts_at), times.hhmm(duty.ends_at)
    return [
        Text("came", N_("Really came"), limit=20, placeholder=begin, help=N_("empty: as it stands")),
        Text("left", N_("Really left"), limit=20, placeholder=end, help=N_("empty: as it stands")),
        Text("reason", N_("Why"), required=True, limit=REASON_LIMIT),
    ]


def _read(duty: DutyRecord, values: Mapping[str, Any]) -> dict[str, int | None]:
    now, zone = clock.now(), times.zone()
    return {
        f"{name}_at": time_on_shift(values[name], duty.day, duty.starts_at, zone, now, field=name)
        for name in ("came", "left")
    }


async def _correct(app: DeskApp, duty: DutyRecord) -> bool:
    async def save(values: Mapping[str, Any]) -> Any:
        at = _read(duty, values)
        with _fields():
            return await app.desk.ask(
                corrections.correct, values["pin"], duty.shift_id, duty.person_id, values["reason"], **at
            )

    spec = FormSpec(
        f"attendance.correct:{duty.shift_id}:{duty.person_id}",
        N_("Put right: {name}, {shift} {day}"),
        [*_times(duty), Pin("pin", N_("Your PIN"), required=True)],
        hint=N_("Planned {hours}, signed: {signed}. What was signed stays readable."),
        save_label=N_("Put right"),
        words=_named(duty),
        focus="came",
    )
    done = await app.ask_form(spec, save=save) is not None
    if done:
        app.say(_("The attendance of {name} is put right.", name=pick(duty.label)), "done")
    return done


async def _ask(app: DeskApp, duty: DutyRecord) -> bool:
    async def save(values: Mapping[str, Any]) -> Any:
        at = _read(duty, values)
        with _fields():
            return await app.desk.ask(corrections.ask, duty.shift_id, values["reason"], void=bool(values["void"]), **at)

    spec = FormSpec(
        f"attendance.ask:{duty.shift_id}",
        N_("Ask for a correction: {shift} {day}"),
        _times(duty),
        more=[Check("void", N_("I was not there"), help=N_("all signatures of this duty are taken back"))],
        hint=N_("Planned {hours}, signed: {signed}. The supervisor decides."),
        save_label=N_("Ask"),
        words=_named(duty),
        focus="came",
    )
    done = await app.ask_form(spec, {"void": False}, save) is not None
    if done:
        app.say(_("The supervisor is asked; you are told when it is decided."), "done")
    return done


class _fields:
    """Name the fields of the form where a refusal names those of the service."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: object, _trace: object) -> None:
        field = getattr(error, "field", None)
        if field in ("came_at", "left_at"):
            error.field = field.removesuffix("_at")  # type: ignore[union-attr,attr-defined]


async def take_back(app: DeskApp, duty: DutyRecord) -> bool:
    """Take a signature of a duty back, with the PIN and a reason; returns whether it was."""
    if not await app.desk.ask(corrections.may_decide, duty.person_id):
        raise Refused(N_("Only the supervisor takes a signature back; c asks for it."))
    lines = await app.desk.ask(correction_views.signatures_of, duty.shift_id, duty.person_id)
    options = [Option(line.id, words.signature(line)) for line in lines if line.standing]
    if not options:
        raise Refused(N_("There is no signature to take back."))

    async def save(values: Mapping[str, Any]) -> Any:
        return await app.desk.ask(corrections.void, values["pin"], values["signature"], values["reason"])

    spec = FormSpec(
        f"attendance.void:{duty.shift_id}:{duty.person_id}",
        N_("Take a signature back: {name}, {shift} {day}"),
        [
            Pick("signature", N_("Which"), options, required=True),
            Text("reason", N_("Why"), required=True, limit=REASON_LIMIT),
            Pin("pin", N_("Your PIN"), required=True),
        ],
        hint=N_("It never was. The sign-out that belongs to a sign-in goes with it; both stay readable."),
        save_label=N_("Void"),
        words=_named(duty),
    )
    done = await app.ask_form(spec, {"signature": options[0]} if len(options) == 1 else {}, save) is not None
    if done:
        app.say(_("The signature is taken back."), "done")
    return done


# Requests


async def approve(app: DeskApp, line: RequestLine) -> bool:
    """Approve a request with the PIN; returns whether it was."""
    purpose = _(
        "Your PIN approves: {name}, {shift} {day}, {wanted}. Reason: {reason}",
        name=pick(line.label),
        shift=pick(line.title),
        day=times.day_of(line.day),
        wanted=words.wanted(line),
        reason=line.reason,
    )

    async def check(pin: str) -> None:
        await app.desk.ask(corrections.approve, pin, line.id, version=line.version)

    if await app.ask_pin(purpose, check) is None:
        return False
    app.say(_("Approved; {name} is told.", name=pick(line.label)), "done")
    return True


async def refuse(app: DeskApp, line: RequestLine) -> bool:
    """Refuse a request with a reason and the PIN; returns whether it was."""

    async def save(values: Mapping[str, Any]) -> Any:
        return await app.desk.ask(corrections.refuse, values["pin"], line.id, values["note"], version=line.version)

    spec = FormSpec(
        f"attendance.refuse:{line.id}",
        N_("Refuse the request of {name}"),
        Signing("note", N_("Why"), REASON_LIMIT).fields,
        hint=N_("{shift} {day}: {wanted}. Reason: {reason}"),
        save_label=N_("Refuse"),
        words={
            "name": pick(line.label),
            "shift": pick(line.title),
            "day": times.day_of(line.day),
            "wanted": words.wanted(line),
            "reason": line.reason,
        },
    )
    done = await app.ask_form(spec, save=save) is not None
    if done:
        app.say(_("Refused; {name} is told.", name=pick(line.label)), "done")
    return done


async def withdraw(app: DeskApp, line: RequestLine) -> bool:
    """Take one's own request back; returns whether it was."""
    await app.desk.ask(corrections.withdraw, line.id)
    app.say(_("Your request is withdrawn."), "done")
    return True


# From elsewhere


async def news(app: DeskApp) -> str:
    """Say how many requests wait."""
    count = await app.desk.ask(correction_views.waiting)
    return ngettext("{n} request waits", "{n} requests wait", count) if count else ""


async def show_attendance(app: DeskApp, tab: str = "month", row_id: int | None = None) -> None:
    """Show the attendance of this month, or one of its other lists, at a record if one is named."""
    from dutydesk.ui.screens.attendance import AttendanceScreen

    screen = app.shown
    if not isinstance(screen, AttendanceScreen):
        screen = AttendanceScreen()
        await app.push_screen(screen)
    await screen.loaded()
    await screen.action_take(tab)
    if row_id is not None:
        screen.go_to(row_id)


async def find(app: DeskApp, asked: str) -> list[Found]:
    """Find the lists of attendance by name, for the palette."""
    from dutydesk.ui.screens.palette import Found, matching

    lists = (
        ("month", _("Attendance"), "attendance month late absent"),
        ("requests", _("Requests for corrections"), "requests corrections attendance"),
        ("calls", _("Call-outs"), "call-outs"),
    )
    found = [Found(name, "", partial(show_attendance, app, tab), opens=True, also=also) for tab, name, also in lists]
    return matching(found, asked)
