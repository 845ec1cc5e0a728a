"""`dutydesk round list|show|backups`."""

from __future__ import annotations

import argparse
from datetime import date
from typing import TYPE_CHECKING, Any

from dutydesk.cli import common
from dutydesk.domain.errors import Invalid, NotFound
from dutydesk.domain.words import N_
from dutydesk.locale import _

if TYPE_CHECKING:
    from dutydesk.services.backups import JobLine
    from dutydesk.services.round_sheet import Sheet, SheetItem
    from dutydesk.services.rounds import RoundLine


def register(subparsers: common.Groups) -> None:
    """Add the command group."""
    group = common.add_group(subparsers, "round", N_("rounds: list, show"))
    listed = common.add_command(group, "list", N_("the rounds of today and of this shift"), run_list, json=True)
    listed.add_argument("--day", metavar=_("DAY"), help=_("another day, as 2026-11-22"))
    shown = common.add_command(group, "show", N_("one round with its answers"), run_show, json=True)
    shown.add_argument("round", type=common.number, metavar="N")
    common.add_command(group, "backups", N_("the backup jobs with their evidence"), run_backups, json=True)


def run_list(args: argparse.Namespace) -> int:
    """Print rounds; the answer is no (1) when one is late or was missed without a reason."""
    from dutydesk.domain import clock
    from dutydesk.domain.rounds import RoundState
    from dutydesk.locale import pick, times
    from dutydesk.locale.rounds import people_of, state_words
    from dutydesk.services import rounds

    who = common.open_desk(args)
    lines = rounds.day_list(who, _day(args.day)) if args.day else rounds.due_list(who)
    behind = any(line.unexplained or line.state is RoundState.LATE for line in lines)
    if args.json:
        common.print_json([_line(line) for line in lines])
    else:
        now = clock.now()
        rows = [
            (line.id, times.stamp(line.due_at), pick(line.checklist), state_words(line, now), people_of(line))
            for line in lines
        ]
        columns = ("N", _("Due"), _("Round"), _("State"), _("Who"))
        common.print_table(columns, rows, empty=_("No round is planned on this day."))
    return common.NO if behind else common.DONE


def run_show(args: argparse.Namespace) -> int:
    """Print a round with its answers."""
    from dutydesk.domain import clock
    from dutydesk.locale import pick, times
    from dutydesk.locale.rounds import pace_words, state_words
    from dutydesk.services import rounds

    who = common.open_desk(args)
    try:
        sheet = rounds.sheet(who, args.round)
    except NotFound:
        raise NotFound(N_("There is no round {number}; `dutydesk round list` names them."), number=args.round) from None
    if args.json:
        return common.print_json(_sheet(sheet))
    head = sheet.state.head
    print(f"{times.stamp(head.due_at)}  {pick(head.checklist)}  {state_words(head, clock.now())}")
    common.print_table(
        (_("Place"), _("Check point"), _("Answer"), _("Normal"), _("Who"), _("At"), _("Remark")),
        [_row(item, sheet) for item in _asked(sheet)],
    )
    for fact in pace_words(sheet.pace) if sheet.pace else ():
        print(fact)
    return common.DONE


def run_backups(args: argparse.Namespace) -> int:
    """Print the backup jobs; the answer is no (1) when one of them is not good."""
    from dutydesk.domain.backups import JobState, show_size
    from dutydesk.locale import pick, times, word
    from dutydesk.services import backups

    jobs = backups.board(common.open_desk(args))
    if args.json:
        common.print_json([_job(job) for job in jobs])
    else:
        rows = [
            (
                pick(job.name),
                "" if job.last_good_at is None else times.stamp(job.last_good_at),
                "" if job.size is None else show_size(job.size),
                word(job.state),
                "".join(digit if holds else "-" for digit, holds in job.rule.parts),
                "" if job.test is None else times.date(job.test.at),
            )
            for job in jobs
        ]
        columns = (_("Job"), _("Last good"), _("Size"), _("State"), "32110", _("Restore test"))
        common.print_table(columns, rows, empty=_("There are no backup jobs."))
    return common.DONE if all(job.state is JobState.GOOD for job in jobs) else common.NO


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(N_("“{text}” is not a day. Write it as 2026-11-22."), text=text) from None


def _asked(sheet: Sheet) -> list[SheetItem]:
    from dutydesk.domain import rounds as rules

    codes = {point.code for point in rules.asked([each.point for each in sheet.items], sheet.state.answers)}
    return [item for item in sheet.items if item.point.code in codes]


def _row(item: SheetItem, sheet: Sheet) -> tuple[str, ...]:
    from dutydesk.domain import clock
    from dutydesk.locale import pick, times
    from dutydesk.locale.rounds import copy_words, normal_words, value_words

    point, answer = item.point, sheet.state.answers.get(item.point.code)
    normal = "" if item.job else normal_words(point.limits, wide=True)
    if answer is None:
        return (pick(point.place), pick(point.name), "", normal, "", "", "")
    if item.job is not None:
        copy = sheet.state.copies.get(point.code)
        value = copy_words(answer.found, copy.copy if copy else None, item.job.previous_size, clock.now())
    else:
        value = value_words(point, answer.found, answer.number, answer.text)
    note = " ".join((answer.note or "").split())
    return (pick(point.place), pick(point.name), value, normal, pick(answer.person), times.hhmm(answer.at), note)


def _line(line: RoundLine) -> dict[str, Any]:
    return common.plain(line)  # type: ignore[no-any-return]


def _sheet(sheet: Sheet) -> dict[str, Any]:
    """Return a round for scripts: its line, the items that are asked with their answers, and its pace."""
    items = []
    for item in _asked(sheet):
        answer = sheet.state.answers.get(item.point.code)
        incident = sheet.state.incidents.get(item.point.code)
        copy = sheet.state.copies.get(item.point.code)
        items.append(
            {
                "code": item.point.code,
                "place": common.plain(item.point.place),
                "name": common.plain(item.point.name),
                "kind": item.point.kind.value,
                "unit": item.point.unit,
                "required": item.point.required,
                "warning": str(item.point.limits.warning or ""),
                "critical": str(item.point.limits.critical or ""),
                "answer": _answer(answer) if answer else None,
                "copy": common.plain(copy.copy) if copy else None,
                "incident": incident[1] if incident else None,
            }
        )
    return {"round": _line(sheet.state.head), "items": items, "pace": common.plain(sheet.pace)}


def _answer(answer: Any) -> dict[str, Any]:
    names = ("found", "number", "text", "note", "at", "person", "changed")
    return {name: common.plain(getattr(answer, name), name) for name in names}


def _job(job: JobLine) -> dict[str, Any]:
    plain: dict[str, Any] = common.plain(job)
    plain["last_good_at"] = plain["evidence"]["last_good_at"]
    plain["expected_at"] = common.plain(job.expected_at, "expected_at")
    return plain
