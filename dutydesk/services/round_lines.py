"""A round as lists show it, and what starts it: shared by the lists and the sheet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dutydesk.domain import clock
from dutydesk.domain import rounds as rules
from dutydesk.domain.checklists import ChecklistKind
from dutydesk.domain.errors import Refused
from dutydesk.domain.rounds import CheckPoint, RoundState, RoundStatus, Window
from dutydesk.domain.words import N_, Label
from dutydesk.services import core
from dutydesk.services.core import Actor, record
from dutydesk.services.handover_duty import gate
from dutydesk.services.round_rows import AnswerView, answers_of, hhmm, newest, points_of_each
from dutydesk.storage.models.people import Person
from dutydesk.storage.models.rounds import Checklist, Round

WHAT = N_("Round")
NAMED = 3
"""Items that a refusal names; the others are counted."""


@dataclass(frozen=True)
class RoundLine:
    """A round as lists show it.

    `by` is who started it, or finished it; `people` everybody who answered in it. `late` says that its window ended
    before it was finished.
    """

    id: int
    checklist: Label
    code: str
    kind: ChecklistKind
    due_at: int
    late_at: int
    missed_at: int
    state: RoundState
    late: bool
    answered: int
    total: int
    abnormal: int
    skipped: int
    by: Label | None
    people: tuple[Label, ...]
    started_at: int | None
    finished_at: int | None
    reason: str | None
    shift_id: int | None
    version: int

    @property
    def window(self) -> Window:
        """The instants between which it is walked."""
        return Window(self.due_at, self.late_at, self.missed_at)

    @property
    def unexplained(self) -> bool:
        """Whether it was missed and nobody has said why."""
        return self.state is RoundState.MISSED and not self.reason


def rounds_and_checklists():  # type: ignore[no-untyped-def]
    """Return the query of rounds with their checklists joined."""
    return Round.select(Round, Checklist).join(Checklist)


def lines_of(rows: Sequence[Round], now: int) -> list[RoundLine]:
    """Return rounds as lists show them, with three queries for any number of them."""
    answers = answers_of([row.id for row in rows if row.started_at is not None])
    points = points_of_each(rows, now)
    people = _people({key for row in rows for key in (row.started_by_id, row.finished_by_id) if key})
    return [_line(row, points[row.id], answers.get(row.id, []), people, now) for row in rows]


def _people(ids: Iterable[int]) -> dict[int, Label]:
    wanted = list(ids)
    if not wanted:
        return {}
    rows = Person.select(Person.id, Person.name, Person.name_en).where(Person.id.in_(wanted)).tuples()
    return {key: Label(name, name_en) for key, name, name_en in rows}


def _line(
    row: Round, points: Iterable[CheckPoint], answers: Sequence[AnswerView], people: dict[int, Label], now: int
) -> RoundLine:
    done = rules.progress(points, newest(answers))
    window = Window(row.due_at, row.late_at, row.missed_at)
    state = window.state(RoundStatus(row.status), now)
    return RoundLine(
        id=row.id,
        checklist=Label(row.checklist.name, row.checklist.name_en),
        code=row.checklist.code,
        kind=ChecklistKind(row.checklist.kind),
        due_at=row.due_at,
        late_at=row.late_at,
        missed_at=row.missed_at,
        state=state,
        late=state is not RoundState.MISSED and window.late(row.finished_at, now),
        answered=done.answered,
        total=done.total,
        abnormal=done.abnormal,
        skipped=done.skipped,
        by=people.get(row.finished_by_id or row.started_by_id),
        people=tuple(dict.fromkeys(answer.person for answer in answers)),
        started_at=row.started_at,
        finished_at=row.finished_at,
        reason=row.reason,
        shift_id=row.shift_id,
        version=row.version,
    )


def line_of(row: Round, now: int) -> RoundLine:
    """Return one round as lists show it."""
    return lines_of([row], now)[0]


def row_of(round_id: int) -> Round:
    """Return a round with its checklist; NotFound otherwise."""
    return core.get(Round, round_id, WHAT)


def begin(who: Actor, row: Round) -> Round:
    """Make a round a started one inside the caller's transaction; returns it as stored."""
    now, status = clock.now(), RoundStatus(row.status)
    window = Window(row.due_at, row.late_at, row.missed_at)
    if status in (RoundStatus.STARTED, RoundStatus.PAUSED):
        gate(who)
    if status is RoundStatus.STARTED:
        return row
    if status is RoundStatus.PAUSED:
        row = core.change(Round, row.id, row.version, status=RoundStatus.STARTED.value)
        record(who, "round.resumed", row)
        return row
    if status is RoundStatus.FINISHED:
        raise Refused(N_("This round is finished; it was closed at {time}."), time=hhmm(row.finished_at or now))
    if window.state(status, now) is RoundState.MISSED:
        raise Refused(N_("This round was missed at {time}; say why with e."), time=hhmm(row.missed_at))
    if now < window.opens_at:
        raise Refused(
            N_("This round is due at {due}; it may be started from {opens} on."),
            due=hhmm(row.due_at),
            opens=hhmm(window.opens_at),
        )
    gate(who)
    row = core.change(
        Round,
        row.id,
        row.version,
        status=RoundStatus.STARTED.value,
        started_at=now,
        started_by=who.person_id or None,
    )
    record(who, "round.started", row)
    return row


def names(points: Sequence[CheckPoint]) -> Label:
    """Return the first items by name and how many more there are, as one value of a sentence."""
    named, more = [point.name for point in points[:NAMED]], len(points) - NAMED
    zh = "、".join(label.zh for label in named)
    en = ", ".join(label.en or label.zh for label in named)
    return Label(f"{zh}等 {len(points)} 项", f"{en} and {more} more") if more > 0 else Label(zh, en)
