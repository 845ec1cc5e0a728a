"""Freezing the duty pay of a month, setting rates, and going to the sheets, from anywhere."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from dutydesk.domain import clock
from dutydesk.domain.errors import Invalid
from dutydesk.domain.people import Role
from dutydesk.domain.words import N_
from dutydesk.locale import _, times
from dutydesk.locale import allowance as words
from dutydesk.services import allowance
from dutydesk.services.allowance import RATES_LIMIT, REASON_LIMIT, Difference, MonthSheet, RatesLine
from dutydesk.ui.forms.spec import Area, Field, FormSpec, Pin, Text

if TYPE_CHECKING:
    from dutydesk.ui.app import DeskApp
    from dutydesk.ui.screens.palette import Found


async def freeze(app: DeskApp, sheet: MonthSheet) -> MonthSheet | None:
    """Ask for the PIN, and where the month is not over for a reason, and freeze what is shown; None when left."""
    hint = N_("{amount} for {people}. It is kept with its rates and never rewritten.")
    if not sheet.over:
        hint = N_("{amount} for {people}. The month is not over: duties still to come are left out.")
    spec = FormSpec(
        None,
        N_("Freeze the duty pay of {month}"),
        _fields(reason=not sheet.over),
        hint=hint,
        save_label=N_("Freeze"),
        words={"month": sheet.month, "amount": _sum(sheet), "people": _people(len(sheet.content.people))},
    )
    seen = partial(_freeze, app, sheet.month, sheet.digest, unfinished=not sheet.over)
    return await _ask(app, spec, seen)


async def freeze_anew(app: DeskApp, found: Difference) -> MonthSheet | None:
    """Ask for the reason and the PIN, and freeze a new revision of a month; None when left."""
    spec = FormSpec(
        None,
        N_("Freeze {month} anew"),
        _fields(reason=True),
        hint=N_("{before} becomes {after} {currency}, for {people}. Revision {n} stays as it is."),
        save_label=N_("Freeze"),
        words={
            "month": found.month,
            "before": words.money(found.before, found.decimals),
            "after": words.money(found.after, found.decimals),
            "currency": found.currency,
            "people": _people(len(found.people)),
            "n": found.frozen.revision,
        },
    )
    return await _ask(app, spec, partial(_freeze, app, found.month, found.digest, fresh=found.fresh))


async def _ask(app: DeskApp, spec: FormSpec, save: Any) -> MonthSheet | None:
    made: MonthSheet | None = await app.ask_form(spec, {}, save)
    return made


def say_frozen(app: DeskApp, made: MonthSheet) -> None:
    """Say on the screen in view that a month is frozen."""
    if made.frozen is not None:
        app.say(_("{month} is frozen, revision {n}.", month=made.month, n=made.frozen.revision), "done")


def _fields(*, reason: bool) -> list[Field]:
    asked: list[Field] = [Text("reason", N_("Why"), required=True, limit=REASON_LIMIT)] if reason else []
    return [*asked, Pin("pin", N_("Your PIN"), required=True)]


async def _freeze(
    app: DeskApp, month: str, seen: str, values: Mapping[str, Any], *, fresh: bool = False, unfinished: bool = False
) -> MonthSheet:
    reason = values.get("reason", "")
    return await app.desk.ask(
        allowance.freeze, values["pin"], month, seen=seen, reason=reason, fresh=fresh, unfinished=unfinished
    )


def _sum(sheet: MonthSheet) -> str:
    return f"{words.money(sheet.content.amount, sheet.content.decimals)} {sheet.content.currency}"


def _people(count: int) -> str:
    from dutydesk.ui.screens.allowance_rows import counted

    return counted(count)


async def set_rates(app: DeskApp, copied: RatesLine | None = None) -> RatesLine | None:
    """Let the supervisor write rates, beginning with a copy, and put them in force from a day on; None when left."""

    async def save(values: Mapping[str, Any]) -> RatesLine:
        since = _day(values["since"])
        return await app.desk.ask(allowance.set_rates, values["text"], since, source=_("the rates"))

    today = times.local(clock.now()).date()
    begins = f"{today.year + today.month // 12}-{today.month % 12 + 1:02d}-01"
    spec = FormSpec(
        "allowance.rates",
        N_("New rates"),
        [
            Text("since", N_("In force from"), required=True, limit=10, placeholder=N_("2026-12-01")),
            Area("text", N_("Rules"), required=True, limit=RATES_LIMIT, lines=10),
        ],
        hint=N_("Frozen months keep their own. docs/ALLOWANCE.md explains every key."),
        save_label=N_("Put in force"),
    )
    made: RatesLine | None = await app.ask_form(spec, {"since": begins, "text": copied.text if copied else ""}, save)
    if made is not None:
        app.say(_("The rates are in force from {day}.", day=made.since.isoformat()), "done")
    return made


def _day(text: str) -> Any:
    from datetime import date

    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Invalid(N_("“{text}” is no day. Write it as 2026-12-01."), field="since", text=text) from None


async def news(app: DeskApp) -> str:
    """Return what waits on the page of duty pay: a month that ended and is not frozen."""
    if app.who is None or app.who.role is not Role.SUPERVISOR:
        return ""
    month = await app.desk.ask(allowance.to_freeze)
    return _("{month} is not frozen", month=month) if month else ""


async def show_sheet(app: DeskApp, month: str = "", login: str = "") -> None:
    """Show the duty pay of a month, at one person if he is named."""
    from dutydesk.ui.screens.allowance import AllowanceScreen

    await app.push_screen(AllowanceScreen(month, login))


async def show_difference(app: DeskApp, month: str) -> None:
    """Show what working a frozen month out again changes."""
    from dutydesk.ui.screens.allowance_change import PayChangeScreen

    await app.push_screen(PayChangeScreen(month))


async def show_rates(app: DeskApp) -> None:
    """Show the tables of rates."""
    from dutydesk.ui.screens.allowance_change import RatesScreen

    await app.push_screen(RatesScreen())


async def show_fairness(app: DeskApp) -> None:
    """Show how evenly duties are shared."""
    from dutydesk.ui.screens.fairness import FairnessScreen

    await app.push_screen(FairnessScreen())


async def find(app: DeskApp, words: str) -> list[Found]:
    """Find the pages of duty pay and fairness for the palette."""
    from dutydesk.ui.screens.palette import Found, matching

    pages = [
        Found(_("Duty pay"), "", partial(show_sheet, app), opens=True, also="allowance pay money 津贴"),
        Found(_("Rates of duty pay"), "", partial(show_rates, app), opens=True, also="rates rules 费率"),
        Found(_("Fairness"), "", partial(show_fairness, app), opens=True, also="fairness score load 公平"),
    ]
    return matching(pages, words)
