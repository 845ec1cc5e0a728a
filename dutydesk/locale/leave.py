"""Leave and swaps in words: when, how far, who covers what; for screens and for the command line."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from dutydesk.domain import clock
from dutydesk.domain.leave import CoverStatus, LeaveStatus, SwapStatus
from dutydesk.domain.log import Said
from dutydesk.domain.words import Label
from dutydesk.locale import _, ngettext, pick, times, word
from dutydesk.locale.lines import said

if TYPE_CHECKING:
    from dutydesk.services.leave_views import CoverLine, DutyLine, LeaveLine
    from dutydesk.services.swap_views import SwapDuty, SwapLine


def weekday_of(iso_day: str) -> str:
    """Return the short weekday of a date such as `2026-11-24`."""
    return _(times.WEEKDAYS[datetime.fromisoformat(iso_day).weekday()])


def day_words(iso_day: str) -> str:
    """Return `24 Nov Tue` or `11-24 周二`."""
    return f"{times.day_of(iso_day)} {weekday_of(iso_day)}"


def leave_when(line: LeaveLine) -> str:
    """Return when a leave is: `24 – 26 Nov` for whole days, else with times."""
    if line.days is not None:
        return _days(*line.days)
    return stretch(line.starts_at, line.ends_at)


def _days(first: date, last: date) -> str:
    return _day(first) if first == last else f"{_day(first)} – {_day(last)}"


def _day(day: date) -> str:
    """Return a date, with its year where that is not the present one."""
    iso = day.isoformat()
    return times.day_of(iso) if day.year == times.local(clock.now()).year else iso


def stretch(begin: int, end: int) -> str:
    """Return `24 Nov 20:00–08:00`: of an end on the same day, or within twelve hours, only the time."""
    start = f"{_day(times.local(begin).date())} {times.hhmm(begin)}"
    near = times.local(end).date() <= times.local(begin).date() + timedelta(days=1) and end - begin <= 16 * 3600
    return f"{start}–{times.hhmm(end)}" if near else f"{start} – {_day(times.local(end).date())} {times.hhmm(end)}"


def hours(begin: int, end: int) -> str:
    """Return `20:00–08:00`."""
    return f"{times.hhmm(begin)}–{times.hhmm(end)}"


def covers_words(line: LeaveLine) -> str:
    """Return how far the covers of a leave are: `2 of 3 covered, 1 not answered`."""
    if not line.duties:
        ahead = line.status is LeaveStatus.APPROVED and line.ends_at > clock.now()
        return _("no shift") if (line.undecided and not line.fixed) or ahead else ""
    parts = [_("{n} of {total} covered", n=line.covered, total=line.duties)]
    if line.undecided and line.waiting:
        parts.append(ngettext("{n} not answered", "{n} not answered", line.waiting))
    if line.open:
        parts.append(ngettext("{n} open", "{n} open", line.open))
    return _(", ").join(parts)


def leave_state(line: LeaveLine) -> str:
    """Return what is to happen with a leave next, or what was decided."""
    if not line.undecided:
        return word(line.status)
    if line.waiting:
        return _("waits for an answer")
    return _("cover missing") if line.open else _("waits for the decision")


def duty_words(duty: DutyLine) -> str:
    """Return a shift of a leave: its day, its name, and of a part the hours."""
    named = f"{day_words(duty.day)} {pick(duty.title)}"
    return named if duty.whole else f"{named} {hours(duty.from_at, duty.to_at)}"


def fixed_words(duty: DutyLine) -> str:
    """Return why a leave does not change a shift, and what helps while it still runs."""
    if duty.ends_at <= clock.now():
        return _("over, stays as it is")
    return _("signed for, stays as it is; who takes over signs in as an extra")


def cover_words(cover: CoverLine, duty: DutyLine) -> str:
    """Return who covers, of which part, and what he has said."""
    part = "" if cover.span == (duty.from_at, duty.to_at) else f" {hours(cover.from_at, cover.to_at)}"
    state = word(cover.status)
    if cover.status is CoverStatus.DECLINED and cover.reason:
        state = _("{name}: {value}", name=state, value=cover.reason)
    return f"{pick(cover.label)}{part} – {state}"


def against(cover: CoverLine) -> str:
    """Return what stands in the way of a cover or speaks against it, "" for nothing."""
    found = [cover.trouble] if cover.trouble is not None else list(cover.concerns)
    return reasons(found)


def reasons(found: Iterable[Said]) -> str:
    """Return reasons as one enumeration."""
    return _(", ").join(said(each) for each in found)


def swap_duty(duty: SwapDuty) -> str:
    """Return a duty of a swap."""
    return f"{day_words(duty.day)} {pick(duty.title)}"


def swap_words(line: SwapLine) -> str:
    """Return what a swap does: who takes which duty."""
    mine = _("{name} takes {duty}", name=pick(line.other), duty=swap_duty(line.mine))
    if line.theirs is None:
        return mine
    return _(", ").join([mine, _("{name} takes {duty}", name=pick(line.person), duty=swap_duty(line.theirs))])


def swap_state(line: SwapLine) -> str:
    """Return what is to happen with a swap next, or what was decided."""
    if line.status is SwapStatus.ASKED:
        return _("waits for an answer")
    return _("waits for the decision") if line.status is SwapStatus.AGREED else word(line.status)


def swap_against(line: SwapLine) -> str:
    """Return what stands in the way of a swap or speaks against it, "" for nothing."""
    found: list[tuple[Label, Said]] = [line.trouble] if line.trouble is not None else list(line.concerns)
    return _(", ").join(f"{pick(name)} {said(each)}" for name, each in found)
