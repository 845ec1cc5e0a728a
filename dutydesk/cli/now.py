"""`dutydesk now`: who is on duty and why, who has signed in, what is due."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from dutydesk.cli import common
from dutydesk.domain.words import N_

if TYPE_CHECKING:
    from dutydesk.domain.due import Due
    from dutydesk.domain.shift import Facts
    from dutydesk.services.core import Actor
    from dutydesk.services.shift_views import AssignedView, ShiftView

    Moment = tuple[int, ShiftView | None, Facts, Sequence[Due]]


def register(subparsers: common.Groups) -> None:
    """Add the command."""
    parser = common.add_command(subparsers, "now", N_("who is on duty and why; what is due"), run, json=True)
    parser.add_argument(
        "--at", metavar=common._("TIME"), help=common._("another moment: 2026-11-22 21:00, 21:00, yesterday 8:00")
    )


def run(args: argparse.Namespace) -> int:
    """Print the shift, its people with the reason, and what is due; 1 when no shift runs or nobody is planned."""
    who = common.open_desk(args)
    at, shown, known, due = _at(common.moment(args.at)) if args.at else _live(who)
    if args.json:
        common.print_json(_document(at, shown, due))
    else:
        _print(at, shown, due, known)
    anybody = shown is not None and any(person.person_id for person in shown.at(at))
    return common.DONE if anybody else common.NO


def _live(who: Actor) -> Moment:
    from dutydesk.services import shift_live  # after the desk is open: it says which drivers are needed

    live = shift_live.live(who, log_lines=0, with_since=False)
    return live.now, live.shift, live.known, live.due


def _at(at: int) -> Moment:
    """Return the shift that runs at another moment, with what is known of it until now."""
    from dutydesk.domain import clock
    from dutydesk.services import shift_views

    row, known = shift_views.row_at(at), shift_views.facts()
    shown = shift_views.views([row], known, min(at, clock.now()))[0] if row is not None else None
    return at, shown, known, ()


def _document(at: int, shown: ShiftView | None, due: Sequence[Due]) -> dict[str, Any]:
    return {
        "at": at,
        "shift": None
        if shown is None
        else {
            "id": shown.id,
            "day": shown.day,
            "kind": shown.kind,
            "title": shown.title,
            "starts_at": shown.starts_at,
            "ends_at": shown.ends_at,
            "people": [_person(person) for person in shown.at(at)],
        },
        "due": [common.plain(line) | {"level": line.level(at).value} for line in due],
    }


def _person(person: AssignedView) -> dict[str, Any]:
    return {
        "login": person.login or None,
        "name": person.label if person.person_id else None,
        "post": person.post,
        "state": person.state,
        "signed_at": person.signed_at,
        "left_at": person.left_at,
        "late_minutes": person.late_minutes,
        "from_at": person.from_at,
        "to_at": person.to_at,
        "flags": person.flag.split(),
        "why": json.loads(person.why),
    }


def _print(at: int, shown: ShiftView | None, due: Sequence[Due], known: Facts) -> None:
    from dutydesk.locale import _, pick, times

    if shown is None:
        print(_("{time}: no shift runs.", time=times.stamp(at)))
    else:
        hours = f"{times.hhmm(shown.starts_at)}–{times.hhmm(shown.ends_at)}"
        print(_("{time}: {shift} shift {hours}", time=times.stamp(at), shift=pick(shown.title), hours=hours))
        for person in shown.at(at):
            print(f"  {_who(person, shown)}")
            for reason in _why(person, known):
                print(f"    {reason}")
    if due:
        from dutydesk.domain.text import fit, width
        from dutydesk.locale.due import due_text, due_when

        print(_("Due:"))
        rows = [(times.when(line.at, at), due_text(line), due_when(line, at)) for line in due]
        wide = [max(width(row[column]) for row in rows) for column in (0, 1)]
        for when, text, near in rows:
            print(f"  {fit(when, wide[0], right=True)}  {fit(text, wide[1])}  {near}")


def _who(person: AssignedView, shift: ShiftView) -> str:
    from dutydesk.locale import _, pick, times, word

    if not person.person_id:
        return _("nobody: {reason}", reason=_reason(person.flag))
    name = pick(person.label)
    part = ""
    if person.from_at is not None or person.to_at is not None:
        part = f"{times.hhmm(person.from_at or shift.starts_at)}–{times.hhmm(person.to_at or shift.ends_at)}"
    late = _("late {n} min", n=person.late_minutes) if person.late_minutes else ""
    state = _("extra") if person.extra else word(person.state)
    return "  ".join(each for each in (name, person.login, part, state, late) if each)


def _reason(flag: str) -> str:
    from dutydesk.domain.planned import Reason
    from dutydesk.locale import word

    return word(Reason(flag)) if flag in set(Reason) else flag


def _why(person: AssignedView, known: Facts) -> list[str]:
    """Return what explains an assignment, in the language spoken: the turn, and the change above it."""
    from dutydesk.locale import _, language, pick

    why = json.loads(person.why)
    if "change" in why:
        return _changed(person, known, int(why["change"]))
    sentences = []
    for message, values in why.get("notes", ()):
        spoken = {name: _(value) if isinstance(value, str) else value for name, value in values.items()}
        sentences.append(_(message, **spoken))
    said = ("" if language() == "zh" else " ").join(sentences)
    rule = known.rules.get(why.get("rule", ""))
    return [_("{rule}. {why}", rule=pick(rule), why=said) if rule and said else said] if said else []


def _changed(person: AssignedView, known: Facts, change: int) -> list[str]:
    """Say why somebody is on by a change; what only a changed roster needs is imported here."""
    from dutydesk.locale.lines import said
    from dutydesk.services import roster_why

    sentences = roster_why.sentences(person.why, person.flag, known, roster_why.names())
    return [said(sentence) for sentence in (*sentences, *roster_why.made_by(change))]
