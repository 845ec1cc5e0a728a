"""`dutydesk roster edit|withdraw|changes|import|import-calendar|adopt`."""

from __future__ import annotations

import argparse
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from dutydesk.cli import common, roster_words
from dutydesk.domain.errors import Invalid, NotFound
from dutydesk.domain.words import N_
from dutydesk.locale import _

if TYPE_CHECKING:
    from dutydesk.services.core import Actor
    from dutydesk.services.roster_views import SlotView


def register_changes(group: common.Groups) -> None:
    """Add the commands that change one shift."""
    edit = common.add_command(group, "edit", N_("change one shift by hand"), run_edit, json=True)
    edit.add_argument("day", metavar=_("DAY"))
    edit.add_argument("shift", metavar=_("SHIFT"), help=_("its name in the policy"))
    edit.add_argument("--out", metavar=_("LOGIN"), help=_("who comes off"))
    edit.add_argument("--in", dest="into", metavar=_("LOGIN"), help=_("who comes on"))
    edit.add_argument("--post", default="", metavar=_("POST"), help=_("the post he stands for"))
    edit.add_argument("--begin", metavar=_("TIME"), help=_("from this time of the shift on only: 12:00"))
    edit.add_argument("--end", metavar=_("TIME"), help=_("up to this time of the shift only"))
    edit.add_argument("--reason", required=True, metavar=_("TEXT"), help=_("why"))
    back = common.add_command(group, "withdraw", N_("take a change by hand back"), run_withdraw)
    back.add_argument("change", type=common.number, metavar=_("NUMBER"))
    back.add_argument("--reason", required=True, metavar=_("TEXT"), help=_("why"))
    listed = common.add_command(group, "changes", N_("changes above the rotation"), run_changes, json=True)
    roster_words.add_days(listed)
    listed.add_argument("--all", action="store_true", help=_("those withdrawn as well"))


def register_files(group: common.Groups) -> None:
    """Add the commands that read a file."""
    from dutydesk.cli.roster_import import register_import

    register_import(group)
    year = common.add_command(
        group, "import-calendar", N_("take the days off and make-up workdays of a year from a file"), run_calendar
    )
    year.add_argument("file", metavar=_("FILE"), help=_("the calendar as TOML; docs/ROSTER.md shows one"))
    adopt = common.add_command(group, "adopt", N_("adopt another duty policy from a day on"), run_adopt)
    adopt.add_argument("policy", metavar=_("POLICY"), help=_("the name of a preset, or a TOML file"))
    adopt.add_argument("--from", dest="first", required=True, metavar=_("DAY"), help=_("the day it comes into force"))


# Changing one shift


def run_edit(args: argparse.Namespace) -> int:
    """Change one shift by hand."""
    from dutydesk.services import roster

    who = common.open_desk(args, write=True)
    slot = _slot(who, args.day, args.shift)
    if not args.out and not args.into:
        raise Invalid(N_("Say who comes off with --out, who comes on with --in, or both."), field="out")
    kind = "replace" if args.out and args.into else "remove" if args.out else "add"
    change = roster.NewChange(
        kind,
        person_out=roster_words.person_named(who, args.out) if args.out else None,
        person_in=roster_words.person_named(who, args.into) if args.into else None,
        post=args.post or _post_of(slot, args.out),
        from_at=_within(slot, args.begin, "begin") if args.begin else None,
        to_at=_within(slot, args.end, "end") if args.end else None,
    )
    made = roster.edit(who, slot.shift_id or 0, change, reason=args.reason)
    after = _slot(who, args.day, args.shift)
    if args.json:
        return common.print_json(roster_words.slot_plain(after) | {"made": made})
    title, hours, people = roster_words.slot_row(after)
    print(
        _(
            "Change {number}: {day} {shift} {hours}: {people}",
            number=made,
            day=after.day,
            shift=title,
            hours=hours,
            people=people,
        )
    )
    return common.DONE


def run_withdraw(args: argparse.Namespace) -> int:
    """Take a change back."""
    from dutydesk.services import roster

    roster.withdraw(common.open_desk(args, write=True), args.change, args.reason)
    print(_("Change {number} is withdrawn.", number=args.change))
    return common.DONE


def run_changes(args: argparse.Namespace) -> int:
    """Print the changes above the rotation."""
    from dutydesk.locale import pick, times, word
    from dutydesk.services import roster, shift_views

    who = common.open_desk(args)
    lines = roster.changes(who, *roster_words.days(args, *roster_words.this_month()), withdrawn=args.all)
    if args.json:
        return common.print_json([common.plain(line) | {"day": line.day.isoformat()} for line in lines])
    known = shift_views.facts()
    rows = [
        (
            line.id,
            line.day,
            pick(known.title(line.shift_kind)),
            pick(line.out) if line.out else "",
            pick(line.into) if line.into else "",
            word(line.source),
            line.reason,
            times.stamp(line.withdrawn_at) if line.withdrawn_at else "",
        )
        for line in lines
    ]
    heads = (_("Number"), _("Date"), _("Duty shift"), _("Off"), _("On"), _("Source"), _("Reason"), _("Withdrawn"))
    return common.print_table(heads, rows, empty=_("No change stands above the rotation."))


def _slot(who: Actor, day_text: str, kind: str) -> SlotView:
    from dutydesk.services import roster

    day = roster_words.day_named(day_text, "day")
    slots = roster.view(who, day, day).slots
    found = next((slot for slot in slots if kind.casefold() in roster_words.names_of(slot)), None)
    if found is None:
        raise NotFound(N_("There is no shift “{shift}” on {day}."), field="shift", shift=kind, day=day.isoformat())
    return found


def _post_of(slot: SlotView, login: str | None) -> str:
    return next((place.post for place in slot.people if place.login == login), "")


def _within(slot: SlotView, text: str, field: str) -> int:
    """Read a time of day as the instant of it that lies in the shift."""
    from dutydesk.domain import walltime
    from dutydesk.locale import times

    seconds = walltime.parse_time(text, field=field)
    day = walltime.local_day(slot.starts_at, times.zone())
    at = walltime.at(day, seconds, times.zone())
    return at if at >= slot.starts_at else walltime.at(day + timedelta(days=1), seconds, times.zone())


# Files


def run_calendar(args: argparse.Namespace) -> int:
    """Import years of the working calendar."""
    from dutydesk.services import planning

    who = common.open_desk(args, write=True)
    for year in planning.import_calendar(who, _read(args.file), Path(args.file).name):
        print(
            _(
                "{year}: {statutory} statutory holidays, {bridge} days off in lieu, {makeup} make-up workdays.",
                year=year.year,
                statutory=year.statutory,
                bridge=year.bridge,
                makeup=year.makeup,
            )
        )
    return common.DONE


def run_adopt(args: argparse.Namespace) -> int:
    """Adopt another policy."""
    from dutydesk.services import desk, policy

    who = common.open_desk(args, write=True)
    text, source = desk.policy_text(args.policy)
    line = policy.adopt(who, text, source, roster_words.day_named(args.first, "first"))
    print(_("{name} is the duty policy from {day} on; publish those days again.", name=line.name, day=line.effective))
    return common.DONE


def _read(name: str) -> str:
    from dutydesk.storage.text_files import read_text

    return read_text(name)
