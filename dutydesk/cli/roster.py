"""`dutydesk roster show|plan|check|publish|versions|why`; what changes it is in `roster_change`."""

from __future__ import annotations

import argparse
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from dutydesk.cli import common, roster_change, roster_words
from dutydesk.domain.errors import NotFound
from dutydesk.domain.words import N_
from dutydesk.locale import _

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dutydesk.services.roster_views import CheckLine, DayView, DiffLine, SlotView, VersionLine, WhyLine


def register(subparsers: common.Groups) -> None:
    """Add the command group."""
    group = common.add_group(subparsers, "roster", N_("the roster: show, plan, check, publish, change, explain"))
    shown = common.add_command(group, "show", N_("the published roster, two weeks from today"), run_show, json=True)
    roster_words.add_days(shown)
    shown.add_argument("--person", metavar=_("LOGIN"), help=_("this person's duties alone"))
    plan = common.add_command(group, "plan", N_("what publishing would change, and its check"), run_plan, json=True)
    roster_words.add_days(plan)
    check = common.add_command(
        group, "check", N_("check the published roster; exit code 1 when it has problems"), run_check, json=True
    )
    roster_words.add_days(check)
    publish = common.add_command(group, "publish", N_("plan and publish; everyone concerned is told"), run_publish)
    roster_words.add_days(publish)
    publish.add_argument("--note", default="", metavar=_("TEXT"), help=_("what to know; why, when the check objects"))
    common.add_pin_option(publish)
    common.add_command(group, "versions", N_("what was published, the newest first"), run_versions, json=True)
    why = common.add_command(group, "why", N_("why each one of a day is on"), run_why, json=True)
    why.add_argument("day", metavar=_("DAY"))
    why.add_argument("shift", nargs="?", metavar=_("SHIFT"), help=_("one shift of the day: its name in the policy"))
    roster_change.register_changes(group)
    roster_change.register_files(group)


# Showing


def run_show(args: argparse.Namespace) -> int:
    """Print the published roster."""
    from dutydesk.services import roster

    who = common.open_desk(args)
    today = roster_words.today()
    first, last = roster_words.days(args, today, today + timedelta(days=roster_words.DAYS - 1))
    view = roster.view(who, first, last)
    person = roster_words.person_named(who, args.person) if args.person else None
    slots = [slot for slot in view.slots if person is None or any(each.person_id == person for each in slot.places)]
    days = {day.day: day for day in view.days}
    if args.json:
        return common.print_json([_dated(slot, days[slot.day]) for slot in slots])
    rows = [(roster_words.day_words(days[slot.day]), *roster_words.slot_row(slot)) for slot in slots]
    empty = _("Nothing is planned from {first} to {last}.", first=first, last=last)
    return common.print_table((_("Date"), _("Duty shift"), _("Hours"), _("On duty")), rows, empty=empty)


def _dated(slot: SlotView, day: DayView) -> dict[str, Any]:
    return roster_words.slot_plain(slot) | {"day_kind": day.kind, "published": day.published}


# Planning


def run_plan(args: argparse.Namespace) -> int:
    """Print what publishing would change, and the check; 1 when it has problems."""
    from dutydesk.services import roster

    who = common.open_desk(args, write=True)
    proposal = roster.propose(who, *roster_words.plan_days(args))
    if args.json:
        common.print_json(
            {
                "first": proposal.view.first,
                "last": proposal.view.last,
                "check": [_check_plain(line) for line in proposal.check],
                "changes": [_diff_plain(line) for line in proposal.diff],
                "slots": [roster_words.slot_plain(slot) for slot in proposal.view.slots],
            }
        )
    else:
        print(_("{first} to {last}", first=proposal.view.first, last=proposal.view.last))
        _print_check(proposal.check)
        _print_diff(proposal.diff)
    return common.NO if proposal.problems else common.DONE


def run_check(args: argparse.Namespace) -> int:
    """Print the check of the published roster; 1 when it has problems."""
    from dutydesk.services import roster
    from dutydesk.services.roster_views import Severity

    who = common.open_desk(args)
    lines = roster.check(who, *roster_words.days(args, *roster_words.this_month()))
    if args.json:
        common.print_json([_check_plain(line) for line in lines])
    else:
        _print_check(lines)
    return common.NO if any(line.severity is Severity.PROBLEM for line in lines) else common.DONE


def _print_check(lines: Iterable[CheckLine]) -> None:
    from dutydesk.locale import word
    from dutydesk.locale.lines import said
    from dutydesk.services.roster_views import Severity

    mark = {Severity.PROBLEM: "!", Severity.WARNING: "-", Severity.FACT: " "}
    for line in lines:
        told = _("{kind}: {text}", kind=word(line.kind), text=said(line.message))
        print(f"{mark[line.severity]} {told}")


def _check_plain(line: CheckLine) -> dict[str, Any]:
    from dutydesk.locale.lines import said

    return {
        "kind": line.kind,
        "severity": line.severity,
        "day": line.day,
        "shift": line.shift_kind,
        "login": line.login,
        "message": said(line.message),
    }


def _print_diff(diff: Sequence[DiffLine]) -> None:
    from dutydesk.locale import ngettext, pick

    if not diff:
        print(_("Publishing changes nothing."))
        return
    print(ngettext("Publishing changes {n} shift:", "Publishing changes {n} shifts:", len(diff)))
    rows = [
        (line.day, pick(line.title), _names(line.before) if not line.new else "+", _names(line.after)) for line in diff
    ]
    print(common.table(rows, (_("Date"), _("Duty shift"), _("Before"), _("After"))))


def _names(labels: Iterable[Any]) -> str:
    from dutydesk.locale import pick

    return _(", ").join(pick(label) for label in labels) or _("nobody")


def _diff_plain(line: DiffLine) -> dict[str, Any]:
    return {"day": line.day, "shift": line.kind, "new": line.new, "before": line.before, "after": line.after}


def run_publish(args: argparse.Namespace) -> int:
    """Plan and publish in one go."""
    from dutydesk.services import roster

    who = common.open_desk(args, write=True)
    first, last = roster_words.plan_days(args)
    proposal = roster.propose(who, first, last)
    _print_check(line for line in proposal.check if line.severity.value != "fact")
    version = roster.publish(who, common.ask_pin(args), first, last, args.note, proposal.token)
    print(
        _(
            "{first} to {last} is published, version {number}: {slots} shifts, {changed} changed.",
            first=version.first,
            last=version.last,
            number=version.number,
            slots=version.slots,
            changed=version.changed,
        )
    )
    return common.DONE


def run_versions(args: argparse.Namespace) -> int:
    """Print the publications."""
    from dutydesk.locale import pick, times
    from dutydesk.services import roster

    lines = roster.versions(common.open_desk(args))
    if args.json:
        return common.print_json([_version_plain(line) for line in lines])
    rows = [
        (
            line.number,
            f"{line.first}–{line.last}",
            times.stamp(line.published_at),
            pick(line.published_by) if line.published_by else "",
            line.slots,
            line.changed,
            line.note,
        )
        for line in lines
    ]
    heads = (_("Version"), _("Days"), _("Published"), _("By"), _("Shifts"), _("Changed"), _("Note"))
    return common.print_table(heads, rows, empty=_("Nothing was published yet."))


def _version_plain(line: VersionLine) -> dict[str, Any]:
    return common.plain(line) | {"first": line.first.isoformat(), "last": line.last.isoformat()}


# Why


def run_why(args: argparse.Namespace) -> int:
    """Say why each one of a day is on."""
    from dutydesk.locale import pick
    from dutydesk.locale.lines import said
    from dutydesk.services import roster

    who = common.open_desk(args)
    day = roster_words.day_named(args.day, "day")
    slots = [
        slot
        for slot in roster.view(who, day, day).slots
        if args.shift is None or args.shift.casefold() in roster_words.names_of(slot)
    ]
    if not slots:
        raise NotFound(N_("There is no such shift on {day}."), field="shift", day=day.isoformat())
    found = [(slot, roster.why(who, slot.shift_id or 0)) for slot in slots]
    if args.json:
        explained = [(roster_words.slot_plain(slot), [_why_plain(line) for line in lines]) for slot, lines in found]
        return common.print_json([slot | {"why": lines} for slot, lines in explained])
    for slot, lines in found:
        print(" ".join(roster_words.slot_row(slot)[:2]))
        for line in lines:
            turn = _("{rule}, turn {n}", rule=pick(line.rule), n=line.turn) if line.turn else ""
            print("  " + "  ".join(part for part in (pick(line.label) or _("nobody"), turn) if part))
            for sentence in line.sentences:
                print(f"    {said(sentence)}")
    return common.DONE


def _why_plain(line: WhyLine) -> dict[str, Any]:
    from dutydesk.locale.lines import said

    return {
        "name": line.label if line.person_id else None,
        "post": line.post,
        "rule": line.rule,
        "turn": line.turn,
        "change": line.change_id,
        "sentences": [said(sentence) for sentence in line.sentences],
    }
