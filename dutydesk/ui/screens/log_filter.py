"""What the log is narrowed by, and where it is opened at: two small forms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dutydesk.domain import clock
from dutydesk.domain.days import day_span, last_instant
from dutydesk.domain.errors import Invalid
from dutydesk.domain.log import LogKind
from dutydesk.domain.shift import kind_word
from dutydesk.domain.words import N_, Label
from dutydesk.locale import _, times
from dutydesk.services import log
from dutydesk.services import shift as shifts
from dutydesk.services.log import LogFilters
from dutydesk.ui.forms.spec import Choice, FormSpec, Pick, Text

if TYPE_CHECKING:
    from dutydesk.ui.app import DeskApp

ANY, THIS, BEFORE = "any", "this", "before"


@dataclass(frozen=True)
class Chosen:
    """What the person asked for, with the words for it."""

    filters: LogFilters
    person: Label | None
    shift: str


async def ask_filter(app: DeskApp, now: LogFilters) -> Chosen | None:
    """Ask what to narrow the log to; what is searched for stays. None when the person left."""
    people = await app.desk.ask(log.writers)

    async def save(values: Mapping[str, Any]) -> Chosen:
        shift_id, shift = await _shift(app, values["shift"])
        first, last = _day(values, "first"), _day(values, "last")
        filters = LogFilters(
            kind=LogKind(values["kind"]) if values["kind"] else None,
            person_id=values["person"],
            shift_id=shift_id,
            since=first[0] if first else None,
            until=last[1] if last else first[1] if first else None,
            text=now.text,
        )
        return Chosen(filters, dict(people).get(values["person"]), shift)

    spec = FormSpec(
        None,
        N_("Show only"),
        [
            Pick("kind", N_("Kind"), LogKind),
            Pick("person", N_("Person"), people),
            Choice(
                "shift",
                N_("Shift"),
                [(ANY, N_("Any")), (THIS, N_("This one")), (BEFORE, N_("The one before"))],
                default=ANY,
                required=True,
            ),
            Text("first", N_("From day"), help=N_("22, 11-22, yesterday or Fri; empty: from the beginning")),
            Text("last", N_("To day"), help=N_("empty: that day only")),
        ],
        save_label=N_("Show"),
    )
    initial = {
        "kind": now.kind,
        "person": now.person_id,
        "first": times.date(now.since) if now.since is not None else "",
        "last": times.date(now.until - 1) if now.until is not None else "",
    }
    chosen: Chosen | None = await app.ask_form(spec, initial, save)
    return chosen


async def _shift(app: DeskApp, wanted: str) -> tuple[int | None, str]:
    if wanted == ANY:
        return None, ""
    view = await app.desk.ask(shifts.current)
    if view is not None and wanted == BEFORE:
        view = await app.desk.ask(shifts.previous_of, view.id)
    if view is None:
        raise Invalid(N_("There is no such shift."), field="shift")
    return view.id, f"{_(kind_word(view.kind))} {times.day_of(view.day)}"


def _day(values: Mapping[str, Any], field: str) -> tuple[int, int] | None:
    text = values[field]
    return day_span(text, now=clock.now(), zone=times.zone(), field=field) if text else None


async def ask_time(app: DeskApp) -> int | None:
    """Ask for a day or a time to go to; None when the person left."""

    async def save(values: Mapping[str, Any]) -> int:
        return last_instant(values["at"], now=clock.now(), zone=times.zone(), field="at")

    spec = FormSpec(
        None,
        N_("Go to a day or a time"),
        [Text("at", N_("When"), required=True, help=N_("14:20, yesterday, Fri 22:10, 11-22 or 2026-11-22"))],
        save_label=N_("Go"),
    )
    at: int | None = await app.ask_form(spec, {}, save)
    return at
