"""What rounds, their items and backup copies are called in the reader's language, for screens and command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dutydesk.domain import backups
from dutydesk.domain.backups import Copy
from dutydesk.domain.limits import Limits, show
from dutydesk.domain.rounds import CheckPoint, Found, ItemKind, Pace, RoundState
from dutydesk.domain.words import N_
from dutydesk.locale import _, ngettext, pick, times

if TYPE_CHECKING:
    from dutydesk.services.round_lines import RoundLine
    from dutydesk.services.round_sheet import Previous

WORDS = {
    Found.OK: N_("ok"),
    Found.ABNORMAL: N_("abnormal"),
    Found.WARNING: N_("warning"),
    Found.CRITICAL: N_("critical"),
    Found.SKIPPED: N_("skipped"),
}


def reading_words(point: CheckPoint, number: float) -> str:
    """Return a reading with its unit: `83 %`."""
    if point.kind is ItemKind.BACKUP:
        return backups.show_size(int(number))
    return f"{show(number)} {point.unit}".strip()


def value_words(point: CheckPoint, found: Found, number: float | None, text: str | None) -> str:
    """Return an answer in words: `ok`, `83 %`, `Closed and locked`; what is not normal says so."""
    said = ""
    if found is not Found.SKIPPED:
        if number is not None and point.kind is ItemKind.NUMBER:
            said = reading_words(point, number)
        elif point.kind is ItemKind.CHOICE and point.option(text):
            option = point.option(text)
            said = pick(option.label) if option else ""
        elif text:
            said = text
    if not said:
        nothing = point.kind is ItemKind.TEXT and found is Found.OK
        return _("none") if nothing else _(WORDS[found])
    if found is Found.OK or point.kind in (ItemKind.CHOICE, ItemKind.TEXT):
        return said
    return f"{said} {_(WORDS[found])}"


def copy_words(found: Found, copy: Copy | None, previous_size: int | None, now: int) -> str:
    """Return what was found out about a copy: `01:30 412 GB +1 % verified`."""
    if copy is None or found is Found.ABNORMAL:
        return _("failed or missing")
    said = [_("no copy") if copy.last_good_at is None else times.when(copy.last_good_at, now)]
    if copy.size is not None:
        said.append(backups.show_size(copy.size))
        change = backups.growth(copy.size, previous_size)
        if change is not None:
            said.append(growth_words(change))
    said.append(_("verified") if copy.verified else _("not verified"))
    if found.abnormal:
        said.append(_(WORDS[found]))
    return " ".join(said)


def growth_words(change: float) -> str:
    """Return a change of size: `+3 %`, `-25 %`."""
    return f"{change:+.0f} %"


def normal_words(limits: Limits, *, wide: bool) -> str:
    """Return what is normal, with the critical bound where there is room: `≤ 80`, `≤ 80, crit > 90`."""
    words = limits.words()
    if wide and limits.warning and limits.critical:
        return _("{normal}, crit {critical}", normal=words, critical=limits.critical.alert_words())
    return words


def previous_words(point: CheckPoint, previous: Previous | None) -> str:
    """Return the last answer before this round, without its state where there is a value."""
    if previous is None:
        return ""
    if previous.number is not None:
        return reading_words(point, previous.number)
    return value_words(point, previous.found, None, previous.text)


def options_line(point: CheckPoint) -> str:
    """Return the options of a choice item as one text."""
    return "  ".join(f"{place} {pick(option.label)}" for place, option in enumerate(point.options, start=1))


def how_to_answer(point: CheckPoint) -> str:
    """Return the keys that answer an item, as a sentence."""
    if point.kind is ItemKind.NUMBER:
        return _("Type the reading; x when there is none to read.")
    if point.kind is ItemKind.CHOICE:
        return _("Choose: {options}", options=options_line(point))
    if point.kind is ItemKind.TEXT:
        return _("enter opens the line to write in; o means none.")
    if point.kind is ItemKind.BACKUP:
        return _("o: there, whole and valid; x: failed or missing.")
    return _("o means ok, x abnormal.")


def state_words(line: RoundLine, now: int) -> str:
    """Return how a round stands, in a few words: `32 min late`, `finished 14:34, 1 abnormal`, `in 28 min`."""
    if line.state is RoundState.FINISHED:
        return _finished_words(line)
    if line.state is RoundState.MISSED:
        return _("missed: {reason}", reason=line.reason) if line.reason else _("missed, nobody has said why")
    if line.state is RoundState.AHEAD:
        return _("in {time}", time=times.span(line.due_at - now))
    if line.state is RoundState.LATE:
        return _("{time} late", time=times.span(now - line.due_at))
    if line.state is RoundState.DUE:
        return _("due, {time} left", time=times.span(line.late_at - now))
    return _walking_words(line, now)


def _finished_words(line: RoundLine) -> str:
    time = times.hhmm(line.finished_at or 0)
    said = _("finished {time}", time=time)
    if line.abnormal:
        said = ngettext("finished {time}, {n} abnormal", "finished {time}, {n} abnormal", line.abnormal, time=time)
    elif line.skipped:
        said = ngettext("finished {time}, {n} skipped", "finished {time}, {n} skipped", line.skipped, time=time)
    return _("{state}, late", state=said) if line.late else said


def _walking_words(line: RoundLine, now: int) -> str:
    values = {"answered": line.answered, "total": line.total}
    if line.late:
        late = times.span(now - line.due_at)
        if line.state is RoundState.PAUSED:
            return _("paused {answered} of {total}, {time} late", time=late, **values)
        return _("{answered} of {total}, {time} late", time=late, **values)
    if line.state is RoundState.PAUSED:
        return _("paused {answered} of {total}", **values)
    return _("{answered} of {total}", **values)


def people_of(line: RoundLine) -> str:
    """Return who walks or walked a round."""
    people = line.people or ((line.by,) if line.by else ())
    return _(", ").join(pick(person) for person in people)


def finished_words(name: str, abnormal: int) -> str:
    """Return what is said when a round is closed."""
    if not abnormal:
        return _("{name} finished, all normal.", name=name)
    return ngettext("{name} finished, {n} abnormal.", "{name} finished, {n} abnormal.", abnormal, name=name)


def pace_words(pace: Pace) -> tuple[str, ...]:
    """Return how a round was walked, as plain facts."""
    facts = [
        ngettext(
            "{n} answer in {minutes} min {seconds} s",
            "{n} answers in {minutes} min {seconds} s",
            pace.answers,
            minutes=pace.seconds // 60,
            seconds=pace.seconds % 60,
        )
    ]
    if pace.typical_gap is not None:
        facts.append(
            _("Typically {typical} s apart, at least {least} s", typical=pace.typical_gap, least=pace.shortest_gap)
        )
    if pace.quick:
        facts.append(
            ngettext(
                "{n} answer within 3 seconds of the one before",
                "{n} answers within 3 seconds of the one before",
                pace.quick,
            )
        )
    if pace.backward:
        facts.append(
            ngettext("{n} step against the walking order", "{n} steps against the walking order", pace.backward)
        )
    if pace.defaults:
        facts.append(
            ngettext("{n} offered value left as it was", "{n} offered values left as they were", pace.defaults)
        )
    if pace.changed:
        facts.append(ngettext("{n} answer given again", "{n} answers given again", pace.changed))
    return tuple(facts)
