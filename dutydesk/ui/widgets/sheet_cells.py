"""What a round's sheet says about each item: the words and marks of a row, and the widths of its columns."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from dutydesk.domain import backups, clock
from dutydesk.domain.rounds import CheckPoint, Found, ItemKind, Progress, RoundState
from dutydesk.locale import _, ngettext, pick, times
from dutydesk.locale.rounds import normal_words, options_line, people_of, previous_words
from dutydesk.services.round_lines import RoundLine
from dutydesk.services.round_rows import AnswerView
from dutydesk.services.round_sheet import SheetItem
from dutydesk.ui import marks
from dutydesk.ui.widgets.paint import Cell, fit

LEAD = 5
"""Cells before the name: cursor mark and state mark."""
WIDE = 110
GAP = 1
TIME_CELLS = 5
BAR_CELLS = 18

STYLES = {
    Found.OK: "",
    Found.ABNORMAL: "error",
    Found.WARNING: "warning",
    Found.CRITICAL: "error",
    Found.SKIPPED: "muted",
}


@dataclass(frozen=True)
class Widths:
    """The columns of the sheet in cells; `person` is 0 where there is no room for it."""

    name: int
    value: int
    normal: int
    last: int
    trend: int
    person: int
    time: int = TIME_CELLS

    @property
    def middle(self) -> int:
        """The cells from the value to the trend, for what needs more room than a value."""
        return self.value + self.normal + self.last + self.trend + 3 * GAP


def widths(cells: int) -> Widths:
    """Return the widths of the columns on a sheet `cells` wide; what is in the rows plays no part in it."""
    if cells >= WIDE:
        fixed = Widths(0, 20, 22, 12, 12, 8)
    else:
        fixed = Widths(0, 18, 9, 10, 5, 0)
    gaps = 5 + (1 if fixed.person else 0)
    used = fixed.value + fixed.normal + fixed.last + fixed.trend + fixed.person + fixed.time
    name = max(10, cells - LEAD - 1 - used - gaps * GAP)
    return Widths(name, fixed.value, fixed.normal, fixed.last, fixed.trend, fixed.person)


def mark_of(found: Found | None, *, note_missing: bool = False) -> tuple[str, str]:
    """Return the mark of an item's state; an abnormal one without its note asks for attention."""
    if found is None:
        return (" ", "")
    mark = {
        Found.OK: marks.DONE,
        Found.WARNING: marks.LATE,
        Found.SKIPPED: marks.SKIPPED,
    }.get(found, marks.ABNORMAL)
    return (mark, "error" if note_missing else STYLES[found])


def last_words(item: SheetItem) -> str:
    """Return the last answer of an item; of a backup when its last good copy was made."""
    if item.job is not None:
        return "" if item.job.last_good_at is None else times.when(item.job.last_good_at, clock.now())
    return previous_words(item.point, item.previous)


def open_words(point: CheckPoint, *, here: bool, closed: bool = False) -> list[Cell]:
    """Return what stands in place of an answer: how the item is answered, or a dash where none is taken any more."""
    if closed:
        return [(marks.DASH, "muted")]
    style = "accent" if here else "muted"
    if point.kind is ItemKind.NUMBER:
        return [(f"____ {point.unit}".rstrip(), style), *_optional(point)]
    if point.kind is ItemKind.CHOICE:
        return choice_cells(point) if here else [(f"1{marks.DASH}{len(point.options)}", "muted")]
    if point.kind is ItemKind.TEXT:
        return [(_("enter writes, o none"), "accent")] if here else [("____", "muted")]
    return [("o / x", style), *_optional(point)]


def _optional(point: CheckPoint) -> list[Cell]:
    return [] if point.required else [(f"  {_('optional')}", "muted")]


def choice_cells(point: CheckPoint) -> list[Cell]:
    """Return the options of a choice item, each behind its digit."""
    cells: list[Cell] = []
    for place, option in enumerate(point.options, start=1):
        cells += [(f"{place} ", "accent"), f"{pick(option.label)}  "]
    return cells


def option_for(point: CheckPoint, character: str) -> str | None:
    """Return the code of the option that a key chooses: its digit, or the first letter of one label alone.

    A Chinese character chooses nothing: an input method sends whole words, and the rest of one would answer on.
    """
    if character.isdecimal():
        place = int(character)
        return point.options[place - 1].code if 1 <= place <= len(point.options) else None
    if not character.isascii():
        return None
    letter = character.casefold()
    found = [option.code for option in point.options if pick(option.label)[:1].casefold() == letter]
    return found[0] if len(found) == 1 else None


def trend_of(item: SheetItem, number: float | None, cells: int) -> str:
    """Return the last readings as small bars, with the present one behind them if there is one."""
    values: Sequence[float] = [*item.trend, *([number] if number is not None else [])]
    return marks.spark(list(values), cells) if len(values) > 1 else ""


def hint_words(item: SheetItem, answer: AnswerView | None, *, closed: bool = False) -> str:
    """Return the line about the item under the cursor: its hint or options, and its last answer with time."""
    point = item.point
    parts = []
    if point.kind is ItemKind.CHOICE:
        parts += [] if closed else [options_line(point)]
    elif point.kind is ItemKind.BACKUP and item.job is not None:
        job = item.job
        parts.append(_("{program}, expected {schedule}", program=job.program, schedule=job.schedule))
        if job.last_good_at is not None:
            parts.append(_("last good {time}", time=times.when(job.last_good_at, clock.now())))
        if job.previous_size is not None:
            parts.append(backups.show_size(job.previous_size))
    elif pick(point.hint):
        parts.append(pick(point.hint))
    if point.limits and point.kind is ItemKind.NUMBER:
        parts.append(_("normal {normal}", normal=normal_words(point.limits, wide=True)))
    if item.previous is not None and point.kind is not ItemKind.BACKUP:
        words = previous_words(point, item.previous)
        parts.append(_("last {value} at {time}", value=words, time=times.when(item.previous.at, clock.now())))
    if answer is not None:
        parts.append(_("answered by {name}", name=pick(answer.person)))
    return f" {marks.DOT} ".join(parts)


def plain_character(character: str) -> str:
    """Return a full-width digit or letter as the plain one: an input method may be on."""
    return unicodedata.normalize("NFKC", character)


def head_cells(head: RoundLine, done: Progress, width: int) -> list[Cell]:
    """Return the line about the whole round: its window, how it stands, how far it is, who walks it."""
    now = clock.now()
    window = f"{times.when(head.due_at, now)}{marks.DASH}{times.hhmm(head.late_at)}"
    cells: list[Cell] = [" ", (pick(head.checklist), "title"), f"  {window} ", *_head_state(head, now)]
    cells.append(_("  {answered} of {total} ", answered=done.answered, total=done.total))
    cells.append((marks.progress(done.answered, done.total, min(BAR_CELLS, width // 10)), "accent"))
    if done.abnormal:
        cells.append((f"  {ngettext('{n} abnormal', '{n} abnormal', done.abnormal)}", "error"))
    people = people_of(head)
    return [*cells, (f"  {people}", "muted")] if people else cells


def _head_state(head: RoundLine, now: int) -> list[Cell]:
    if head.state is RoundState.FINISHED:
        return [f"{marks.DONE} {_('finished {time}', time=times.hhmm(head.finished_at or now))}"]
    if head.state is RoundState.MISSED:
        return [(f"{marks.ABNORMAL} {_('missed')}", "error")]
    if head.late:
        return [(f"{marks.LATE} {_('{time} late', time=times.span(now - head.due_at))}", "error")]
    return [(_("paused"), "warning")] if head.state is RoundState.PAUSED else []


def title_line(width: int, *, backup: bool) -> str:
    """Return the line of column titles."""
    columns = widths(width)
    titles = (
        (_("Job") if backup else _("Check point"), columns.name),
        (_("Answer"), columns.value),
        (_("RPO") if backup else _("Normal"), columns.normal),
        (_("Last time"), columns.last),
        (_("Trend"), columns.trend),
        (_("Who"), columns.person),
        (_("At"), columns.time),
    )
    return " " * LEAD + " ".join(fit(title, cells) for title, cells in titles if cells)
