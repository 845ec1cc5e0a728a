"""Planning days ahead: which ones, what the plan looks like, and publishing it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from dutydesk.domain.errors import Conflict
from dutydesk.domain.words import N_, Named
from dutydesk.locale import _, ngettext
from dutydesk.services import roster
from dutydesk.services.roster_views import Proposal, VersionLine
from dutydesk.ui import marks
from dutydesk.ui.actions.roster_days import read_day, read_month, read_year
from dutydesk.ui.forms.signing import Signing
from dutydesk.ui.forms.spec import Choice, FormSpec, Text
from dutydesk.ui.screens import roster_words as words
from dutydesk.ui.screens.roster_calendar import month_after

if TYPE_CHECKING:
    from dutydesk.ui.app import DeskApp

NOTE_LIMIT = 200


class Span(Named):
    """How many days are planned at once."""

    MONTH = "month", N_("A month")
    YEAR = "year", N_("A year")
    DAYS = "days", N_("From day to day")


class Planned(NamedTuple):
    """A plan that was made: its days and what publishing it would do."""

    first: date
    last: date
    proposal: Proposal


class Overtaken(NamedTuple):
    """The roster changed while the plan was looked at."""

    conflict: Conflict


async def plan_days(app: DeskApp, day: date) -> None:
    """Ask which days to plan and show the plan; `day` is where the person looks."""

    async def save(values: Mapping[str, Any]) -> Planned:
        first, last = _days(values)
        return Planned(first, last, await app.desk.ask(roster.propose, first, last))

    planned: Planned | None = await app.ask_form(_spec(), await _initial(app, day), save)
    if planned is not None:
        from dutydesk.ui.screens.roster_plan import RosterPlanScreen

        await app.push_screen(RosterPlanScreen(planned))


def _spec() -> FormSpec:
    def spans(span: Span) -> Any:
        """Return the test whether a field belongs to this span."""
        return lambda values: values.get("span") == span

    return FormSpec(
        None,
        N_("Plan the roster"),
        [
            Choice("span", N_("Which days"), Span, required=True),
            Text("month", N_("Month"), required=True, limit=12, placeholder="2027-01", shown_when=spans(Span.MONTH)),
            Text("year", N_("Year"), required=True, limit=6, placeholder="2027", shown_when=spans(Span.YEAR)),
            Text("first", N_("First day"), required=True, limit=12, shown_when=spans(Span.DAYS)),
            Text("last", N_("Last day"), required=True, limit=12, shown_when=spans(Span.DAYS)),
        ],
        hint=N_("Nothing is published yet: you see the check and what would change first."),
        save_label=N_("Plan"),
        focus="month",
    )


async def _initial(app: DeskApp, day: date) -> dict[str, Any]:
    """Begin with the month after the last one published, or the one looked at when that lies farther ahead."""
    today = words.today()
    versions = await app.desk.ask(roster.versions)
    held = max((version.last for version in versions), default=today.replace(day=1) - timedelta(days=1))
    month = month_after(today.replace(day=1), 1)
    if versions and held >= month:
        month = (held + timedelta(days=1)).replace(day=1)
    if day.replace(day=1) > month:
        month = day.replace(day=1)
    first = max(today + timedelta(days=1), held + timedelta(days=1))
    last = month_after(first.replace(day=1), 1) - timedelta(days=1)
    return {
        "span": Span.MONTH,
        "month": f"{month:%Y-%m}",
        "year": f"{today.year + 1}",
        "first": first.isoformat(),
        "last": last.isoformat(),
    }


def _days(values: Mapping[str, Any]) -> tuple[date, date]:
    today = words.today()
    if values["span"] == Span.YEAR:
        first = read_year(values["year"], "year")
        return first, first.replace(month=12, day=31)
    if values["span"] == Span.MONTH:
        first = read_month(values["month"], "month", today)
        return first, month_after(first, 1) - timedelta(days=1)
    return read_day(values["first"], "first", today), read_day(values["last"], "last", today)


async def publish(app: DeskApp, planned: Planned) -> VersionLine | Overtaken | None:
    """Ask for the signature and publish; None when the person left, `Overtaken` when the plan is out of date."""
    proposal = planned.proposal

    async def save(values: Mapping[str, Any]) -> VersionLine | Overtaken:
        try:
            return await app.desk.ask(
                roster.publish, values["pin"], planned.first, planned.last, values["note"], proposal.token
            )
        except Conflict as conflict:
            return Overtaken(conflict)

    problems = len(proposal.problems)
    note = N_("Why it is published all the same") if problems else N_("Remark")
    asked = Signing("note", note, NOTE_LIMIT, required=bool(problems))
    spec = FormSpec(
        f"roster.publish:{planned.first}:{planned.last}",
        N_("Publish {days}"),
        asked.fields,
        asked.more,
        hint=N_("{what}. Everybody concerned is told."),
        save_label=N_("Publish"),
        words={"days": words.span_words(planned.first, planned.last), "what": what_happens(proposal)},
    )
    done: VersionLine | Overtaken | None = await app.ask_form(spec, {}, save)
    return done


def what_happens(proposal: Proposal) -> str:
    """Return in a sentence what publishing does, and what stays open."""
    new = sum(line.new for line in proposal.diff)
    changed = len(proposal.diff) - new
    parts = [ngettext("{n} shift is new", "{n} shifts are new", new)] if new else []
    parts += [ngettext("{n} shift changes", "{n} shifts change", changed)] if changed else []
    parts += [ngettext("{n} stays as it is", "{n} stay as they are", proposal.kept)] if proposal.kept else []
    problems = len(proposal.problems)
    parts += [ngettext("{n} problem stays open", "{n} problems stay open", problems)] if problems else []
    return f" {marks.DOT} ".join(parts or [_("no shift changes")])
