"""A month of attendance, incidents and rounds as tables: by person, priority or checklist, and line by line."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from dutydesk.domain.attendance import Arrival, Departure
from dutydesk.domain.incidents import Speed
from dutydesk.integrations.tables import Column, Table, Value
from dutydesk.locale import _, pick, times, word
from dutydesk.services.attendance_month import Counts, MonthSheet
from dutydesk.services.attendance_records import DutyRecord
from dutydesk.services.reports import IncidentMonth, RoundMonth, Walked


def attendance_table(sheet: MonthSheet) -> Table:
    """Return the attendance of a month by person."""
    columns = (
        Column("name", _("Name")),
        Column("login", _("Login")),
        *(_count(key, title) for key, title in _counts()),
    )
    rows = tuple((pick(person.label), person.login, *_numbers(person.counts)) for person in sheet.people)
    totals: tuple[Value, ...] = (_("Total"), "", *_numbers(sheet.total))
    return Table(_("Attendance {month}", month=sheet.month), columns, rows, totals)


def _counts() -> tuple[tuple[str, str], ...]:
    return (
        ("planned", _("Duties planned")),
        ("on_time", _("On time")),
        ("late", _("Came late")),
        ("late_minutes", _("Late, min")),
        ("early", _("Left early")),
        ("early_minutes", _("Early, min")),
        ("absent", _("Absent")),
        ("unsigned", _("Not signed out")),
        ("covered", _("Covered by others")),
        ("covering", _("Covering for others")),
        ("extra", _("Extra")),
        ("nights", _("Nights")),
        ("worked_minutes", _("Hours worked")),
        ("overlap_minutes", _("Overlap, min")),
        ("call_outs", _("Call-outs")),
        ("corrected", _("Corrected")),
    )


def _count(key: str, title: str) -> Column:
    return Column(key, title, "0.0" if key == "worked_minutes" else "", right=True)


def _numbers(counts: Counts) -> Iterable[Value]:
    for key, _title in _counts():
        number: int = getattr(counts, key)
        yield _hours(number) if key == "worked_minutes" else number


def _hours(minutes: int) -> Decimal:
    return Decimal(f"{minutes / 60:.1f}")


def attendance_lines(month: str, records: Iterable[DutyRecord]) -> Table:
    """Return every duty of a month with how it was kept."""
    columns = (
        Column("day", _("Date"), "yyyy-mm-dd"),
        Column("shift", _("Duty shift")),
        Column("begins", _("Begins")),
        Column("ends", _("Finishes")),
        Column("name", _("Name")),
        Column("login", _("Login")),
        Column("came", _("Came")),
        Column("late_minutes", _("Late, min"), right=True),
        Column("left", _("Left")),
        Column("early_minutes", _("Early, min"), right=True),
        Column("worked", _("Hours worked"), "0.0", right=True),
        Column("remarks", _("Remarks")),
    )
    return Table(_("Attendance {month}: duties", month=month), columns, tuple(_record(record) for record in records))


def _record(record: DutyRecord) -> tuple[Value, ...]:
    judged = record.judged
    return (
        record.day,
        pick(record.title),
        times.stamp(record.starts_at),
        times.stamp(record.ends_at),
        pick(record.label),
        record.login,
        word(judged.arrival),
        judged.late_minutes,
        word(judged.departure) if judged.arrival not in (Arrival.EXPECTED, Arrival.COVERED) else "",
        judged.early_minutes,
        _hours(judged.worked_minutes) if judged.departure is not Departure.NONE else None,
        _(", ").join(_remarks(record)),
    )


def _remarks(record: DutyRecord) -> list[str]:
    found = []
    if record.covers:
        found.append(_("covers for {name}", name=pick(record.covers)))
    if record.covered_by:
        found.append(_("covered by {name}", name=pick(record.covered_by)))
    if record.extra:
        found.append(_("not planned"))
    if record.part:
        found.append(_("part of the shift"))
    if record.corrected:
        found.append(_("corrected record"))
    return found


# Incidents


def incidents_table(found: IncidentMonth) -> Table:
    """Return the incidents of a month by priority, with the mean minutes to acknowledge and to resolve."""
    columns = (
        Column("priority", _("Priority")),
        Column("incidents", _("Incidents"), right=True),
        Column("acknowledged", _("Acknowledged"), right=True),
        Column("unacknowledged", _("Not acknowledged"), right=True),
        Column("mtta_minutes", _("MTTA, min"), "0.0", right=True),
        Column("resolved", _("Resolved"), right=True),
        Column("unresolved", _("Not resolved"), right=True),
        Column("mttr_minutes", _("MTTR, min"), "0.0", right=True),
    )
    speeds = found.numbers.speed
    rows = tuple((priority, *_speed(speed)) for priority, speed in sorted(speeds.items()))
    notes = [
        _("{name}: {count}", name=_category(each.name), count=each.total)
        for each in found.numbers.categories
        if each.total
    ]
    totals = (_("Total"), *_speed(together(speeds.values())))
    return Table(_("Incidents {month}", month=found.month), columns, rows, totals, tuple(notes))


def _category(code: str) -> str:
    from dutydesk.domain.incidents import Category

    return word(Category(code)) if code in set(Category) else (code or _("no category"))


def together(speeds: Iterable[Speed]) -> Speed:
    """Return several groups as one; means are weighed by what they are the means of."""
    listed = list(speeds)
    acknowledged, resolved = sum(each.acknowledged for each in listed), sum(each.resolved for each in listed)
    to_ack = sum((each.mtta or 0) * each.acknowledged for each in listed)
    to_resolve = sum((each.mttr or 0) * each.resolved for each in listed)
    return Speed(
        sum(each.incidents for each in listed),
        acknowledged,
        resolved,
        to_ack / acknowledged if acknowledged else None,
        to_resolve / resolved if resolved else None,
    )


def _speed(speed: Speed) -> tuple[Value, ...]:
    return (
        speed.incidents,
        speed.acknowledged,
        speed.unacknowledged,
        _minutes(speed.mtta),
        speed.resolved,
        speed.unresolved,
        _minutes(speed.mttr),
    )


def _minutes(seconds: float | None) -> Decimal | None:
    return None if seconds is None else Decimal(f"{seconds / 60:.1f}")


def incident_lines(found: IncidentMonth) -> Table:
    """Return every incident that began in a month."""
    columns = (
        Column("number", _("Number")),
        Column("opened", _("Began at")),
        Column("priority", _("Priority")),
        Column("kind", _("Kind")),
        Column("category", _("Category")),
        Column("title", _("What happened")),
        Column("status", _("Status")),
        Column("owner", _("Owner")),
        Column("acknowledged_minutes", _("To acknowledge, min"), "0.0", right=True),
        Column("resolved_minutes", _("To resolve, min"), "0.0", right=True),
    )
    rows = tuple(
        (
            line.number,
            times.stamp(line.opened_at),
            line.priority,
            word(line.kind),
            word(line.category) if line.category else "",
            line.title,
            word(line.status),
            pick(line.owner) if line.owner else "",
            _since(line.opened_at, line.acknowledged_at),
            _since(line.opened_at, line.resolved_at),
        )
        for line in found.lines
    )
    return Table(_("Incidents {month}: one by one", month=found.month), columns, rows)


def _since(begin: int, at: int | None) -> Decimal | None:
    return None if at is None else _minutes(max(0, at - begin))


# Rounds


def rounds_table(found: RoundMonth) -> Table:
    """Return the rounds of a month by checklist."""
    columns = (
        Column("checklist", _("Round")),
        *(Column(key, title, right=True) for key, title in _walks()),
    )
    rows = tuple((pick(each.checklist), *_walked(each)) for each in found.checklists)
    return Table(_("Rounds {month}", month=found.month), columns, rows, (_("Total"), *_walked(found.total)))


def _walks() -> tuple[tuple[str, str], ...]:
    return (
        ("planned", _("Rounds planned")),
        ("finished", _("Finished")),
        ("late", _("Late")),
        ("missed", _("Missed")),
        ("silent", _("Missed without a reason")),
        ("ahead", _("Ahead")),
        ("abnormal", _("Abnormal items")),
        ("skipped", _("Skipped items")),
    )


def _walked(each: Walked) -> tuple[Value, ...]:
    return tuple(getattr(each, key) for key, _title in _walks())


def round_lines(found: RoundMonth) -> Table:
    """Return every round that fell due in a month."""
    columns = (
        Column("due", _("Due")),
        Column("checklist", _("Round")),
        Column("state", _("State")),
        Column("late", _("Late")),
        Column("finished", _("Finished at")),
        Column("people", _("Who")),
        Column("answered", _("Answered"), right=True),
        Column("abnormal", _("Abnormal items"), right=True),
        Column("skipped", _("Skipped items"), right=True),
        Column("reason", _("Reason")),
    )
    rows = tuple(
        (
            times.stamp(line.due_at),
            pick(line.checklist),
            word(line.state),
            _("Late") if line.late else "",
            times.stamp(line.finished_at) if line.finished_at else "",
            _(", ").join(pick(person) for person in line.people),
            line.answered,
            line.abnormal,
            line.skipped,
            line.reason or "",
        )
        for line in found.lines
    )
    return Table(_("Rounds {month}: one by one", month=found.month), columns, rows)
