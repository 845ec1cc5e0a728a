"""How leave and swaps read: rows of the list, grouped by what they wait for, and one leave as sections of rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from textual.content import Content

from dutydesk.domain import clock
from dutydesk.domain.leave import CoverStatus, LeaveStatus, Span, SwapStatus
from dutydesk.domain.words import N_, Named
from dutydesk.locale import _, pick, times, word
from dutydesk.locale.leave import (
    against,
    cover_words,
    covers_words,
    duty_words,
    fixed_words,
    hours,
    leave_state,
    leave_when,
    swap_against,
    swap_state,
    swap_words,
)
from dutydesk.services.leave import CoverLine, DutyLine, LeaveLine, LeaveView
from dutydesk.services.leave_due import Wait, WaitKind
from dutydesk.services.swaps import SwapLine
from dutydesk.ui import marks
from dutydesk.ui.widgets.lines import LineRow, Section
from dutydesk.ui.widgets.paint import Cell
from dutydesk.ui.widgets.records import Column

Key = tuple[str, int]
"""`leave` or `swap`, and its id."""


class Group(Named):
    """Where a request stands in the list."""

    MINE = "mine", N_("Waits for you")
    OPEN = "open", N_("Waits for others")
    AHEAD = "ahead", N_("Approved, ahead")
    PAST = "past", N_("Decided and past")


_ORDER = list(Group)
_ASKS = {
    WaitKind.COVER: N_("o covers, x does not"),
    WaitKind.SWAP: N_("o swaps, x does not"),
    WaitKind.LEAVE: N_("p approves, r refuses"),
    WaitKind.DECIDE_SWAP: N_("p approves, r refuses"),
    WaitKind.OPEN: N_("enter shows what has no cover"),
}


@dataclass(frozen=True)
class Request:
    """A leave or a swap as a row of the list; `wait` says what the person who looks is waited for."""

    line: LeaveLine | SwapLine
    wait: WaitKind | None

    @property
    def key(self) -> Key:
        """Return what it is."""
        return "swap" if isinstance(self.line, SwapLine) else "leave", self.line.id

    @property
    def number(self) -> str:
        """Return its number."""
        return self.line.number

    @property
    def group(self) -> Group:
        """Return where it stands."""
        if self.wait is not None:
            return Group.MINE
        if self.line.undecided:
            return Group.OPEN
        if isinstance(self.line, SwapLine):
            ahead = self.line.status is SwapStatus.APPROVED and self.line.mine.ends_at > clock.now()
        else:
            ahead = self.line.status is LeaveStatus.APPROVED and self.line.ends_at > clock.now()
        return Group.AHEAD if ahead else Group.PAST


def requests(leaves: Iterable[LeaveLine], swaps: Iterable[SwapLine], waits: Iterable[Wait]) -> list[Request]:
    """Return everything as rows: what waits for this person first, then by time, the past backwards."""
    waiting: dict[Key, WaitKind] = {}
    for wait in waits:
        subject = "swap" if wait.kind in (WaitKind.SWAP, WaitKind.DECIDE_SWAP) else "leave"
        waiting.setdefault((subject, wait.id), wait.kind)
    found = [Request(line, waiting.get(("leave", line.id))) for line in leaves]
    found += [Request(line, waiting.get(("swap", line.id))) for line in swaps]

    def place(request: Request) -> tuple[int, int, int]:
        line = request.line
        at = line.mine.starts_at if isinstance(line, SwapLine) else line.starts_at
        group = _ORDER.index(request.group)
        return group, -at if request.group is Group.PAST else at, line.id

    return sorted(found, key=place)


def columns() -> tuple[Column, ...]:
    """Return the columns of the list."""
    return (
        Column("mark", "", 1, value=_mark),
        Column("number", N_("Number"), 12),
        Column("who", N_("Who"), 10, value=lambda request: pick(request.line.person)),
        Column("what", N_("When"), None, value=_what),
        Column("kind", N_("Kind"), 16, from_width=140, value=_kind),
        Column("state", N_("State"), 22, value=_state),
        Column("covers", N_("Covers"), 26, from_width=110, value=_covers),
    )


def section(request: Request) -> str:
    """Return the title above a row."""
    return word(request.group)


def note(request: Request) -> Cell | None:
    """Return what to do with a row that waits for the person."""
    if request.wait is None:
        return None
    return f"{marks.ARROW} {_(_ASKS[request.wait])}", "accent"


def _mark(request: Request) -> Cell:
    if request.wait is not None:
        return marks.LATE, "warning"
    status = request.line.status.value
    if request.line.undecided:
        return marks.OFF, ""
    return (marks.DONE, "success") if status == "approved" else (marks.SKIPPED, "muted")


def _what(request: Request) -> str:
    line = request.line
    return swap_words(line) if isinstance(line, SwapLine) else leave_when(line)


def _kind(request: Request) -> str:
    return _("Swap") if isinstance(request.line, SwapLine) else word(request.line.kind)


def _state(request: Request) -> Cell:
    line = request.line
    text = swap_state(line) if isinstance(line, SwapLine) else leave_state(line)
    return text, "" if line.undecided else "muted"


def _covers(request: Request) -> str:
    return "" if isinstance(request.line, SwapLine) else covers_words(request.line)


def full(request: Request) -> Content:
    """Return a request in a few lines, for the foot of the list."""
    line, dot = request.line, f" {marks.DOT} "
    if isinstance(line, SwapLine):
        facts = [swap_words(line), line.reason, swap_against(line)]
    else:
        facts = [dot.join(filter(None, [word(line.kind), leave_when(line), covers_words(line)])), line.reason, ""]
    facts[-1] = facts[-1] or decision(line)
    title = f"{line.number} {pick(line.person)}{dot}{_state(request)[0]}"
    parts = [Content.styled(title, "bold"), *(Content(fact) for fact in facts if fact)]
    return Content("\n").join(parts)


def decision(line: LeaveLine | SwapLine) -> str:
    """Return who decided, when and why."""
    if line.decided_at is None:
        return ""
    when = times.when(line.decided_at, clock.now())
    said = f"{pick(line.decided_by)} {when}" if line.decided_by is not None else when
    return _("{name}: {value}", name=said, value=line.decision) if line.decision else said


# One leave


@dataclass(frozen=True)
class Place:
    """What a row of a leave is about: a shift, and of it a cover or a stretch that nobody is asked for."""

    duty: DutyLine
    cover: CoverLine | None = None
    open: Span | None = None


def sections(view: LeaveView) -> list[Section]:
    """Return one leave: what is asked and decided, then its shifts with their covers."""
    return [_head(view), *_shifts(view)]


def _head(view: LeaveView) -> Section:
    line = view.line
    rows = [LineRow([(f"{word(line.kind)}  ", "strong"), leave_when(line)], [(leave_state(line), _tone(line))])]
    if line.reason:
        rows.append(LineRow([(_("Reason: "), "muted"), line.reason]))
    asked = _("asked {when}", when=times.when(line.asked_at, clock.now()))
    told = decision(line)
    rows.append(LineRow([(asked, "muted"), (f"  {told}" if told else "", "")]))
    return Section(f"{line.number} {pick(line.person)}", rows)


def _tone(line: LeaveLine) -> str:
    if line.undecided:
        return "warning"
    return "success" if line.status is LeaveStatus.APPROVED else "muted"


def _shifts(view: LeaveView) -> list[Section]:
    title = _("Shifts and who covers them")
    if not view.duties:
        return [Section(title, (), empty=_("It touches no shift that is planned; the plan will leave the person out."))]
    rows = [row for duty in view.duties for row in _duty_rows(duty, view)]
    return [Section(title, rows, covers_words(view.line))]


def _duty_rows(duty: DutyLine, view: LeaveView) -> list[LineRow]:
    place = Place(duty)
    when = hours(duty.starts_at, duty.ends_at) if duty.whole else ""
    rows = [LineRow([(f"{duty_words(duty)}  ", "strong"), (when, "muted")], key=("duty", duty.shift_id), value=place)]
    if duty.fixed:
        rows.append(LineRow([(f"   {fixed_words(duty)}", "muted")]))
    for cover in duty.covers:
        rows += _cover_rows(cover, duty)
    decided = not view.line.undecided
    for span in duty.open:
        text = _("place stays empty") if decided else _("nobody asked: c chooses")
        part = "" if span == (duty.from_at, duty.to_at) else f"{hours(*span)} "
        cells: Sequence[Cell] = [(f"   {marks.LATE} ", "warning"), part, (text, "warning")]
        rows.append(LineRow(cells, key=("open", duty.shift_id, span), value=Place(duty, open=span)))
    return rows


_COVER_MARKS = {
    CoverStatus.ASKED: ("OFF", "warning"),
    CoverStatus.AGREED: ("DONE", "success"),
    CoverStatus.DECLINED: ("ABNORMAL", "error"),
}


def _cover_rows(cover: CoverLine, duty: DutyLine) -> list[LineRow]:
    name, style = _COVER_MARKS.get(cover.status, ("SKIPPED", "muted"))
    left: list[Cell] = [(f"   {getattr(marks, name)} ", style), cover_words(cover, duty)]
    rows = [LineRow(left, key=("cover", cover.id), value=Place(duty, cover))]
    text = against(cover)
    if text:
        rows.append(LineRow([(f"     {text}", "error" if cover.trouble is not None else "warning")]))
    return rows
