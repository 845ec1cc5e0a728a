"""Rooms, equipment, checklists and the rounds walked with them."""

from __future__ import annotations

from peewee import BooleanField, CharField, DoubleField, IntegerField, TextField

from dutydesk.storage.models.base import Instant, Row, reference
from dutydesk.storage.models.people import Person
from dutydesk.storage.models.shift import DutyShift


class Room(Row):
    """A place that is inspected."""

    code = CharField(unique=True)
    name = CharField()
    name_en = CharField(default="")
    ordinal = IntegerField(default=0)


class Equipment(Row):
    """A thing that is inspected or fails."""

    code = CharField(unique=True)
    room = reference(Room)
    rack = CharField(default="")
    name = CharField()
    name_en = CharField(default="")
    kind = CharField()
    in_service = BooleanField(default=True)
    version = IntegerField(default=1)


class Checklist(Row):
    """What a round asks; `kind` is `equipment` or `backup`."""

    code = CharField(unique=True)
    kind = CharField()
    name = CharField()
    name_en = CharField(default="")
    active = BooleanField(default=True)
    version = IntegerField(default=1)


class CheckItem(Row):
    """One check point. It is never changed in place: a new row replaces it and the old one stays for its history.

    `warning` and `critical` are ranges as the monitoring-plugins convention writes them; `choices` is a JSON list;
    `condition` is `code=value` of an earlier item; `job` is the code of a backup job. A round shows the items that
    were there while it was walked: from `made_at` (None: from the beginning) until `retired_at`.
    """

    checklist = reference(Checklist, backref="items")
    code = CharField()
    ordinal = IntegerField()
    place = CharField(default="")
    place_en = CharField(default="")
    equipment = reference(Equipment, null=True)
    name = CharField()
    name_en = CharField(default="")
    kind = CharField()
    unit = CharField(default="")
    warning = CharField(default="")
    critical = CharField(default="")
    choices = TextField(default="[]")
    required = BooleanField(default=True)
    condition = CharField(default="")
    job = CharField(default="")
    hint = TextField(default="")
    hint_en = TextField(default="")
    active = BooleanField(default=True)
    made_at = Instant(null=True)
    retired_at = Instant(null=True)
    version = IntegerField(default=1)

    class Meta:
        indexes = ((("checklist", "ordinal"), False),)


class RoundPlan(Row):
    """When a checklist is walked: wall times as a JSON list, minutes until late, minutes until missed."""

    checklist = reference(Checklist, backref="plans")
    times = TextField()
    late_after = IntegerField()
    missed_after = IntegerField()
    active = BooleanField(default=True)
    version = IntegerField(default=1)


class Round(Row):
    """One round: due, late from `late_at`, missed from `missed_at` on when nobody started it.

    `status` is due, started, paused, finished or missed (with a reason).
    """

    checklist = reference(Checklist, backref="rounds")
    shift = reference(DutyShift, null=True, backref="rounds")
    due_at = Instant(index=True)
    late_at = Instant()
    missed_at = Instant()
    status = CharField(default="due", index=True)
    started_at = Instant(null=True)
    started_by = reference(Person, null=True)
    finished_at = Instant(null=True)
    finished_by = reference(Person, null=True)
    reason = TextField(null=True)
    version = IntegerField(default=1)

    class Meta:
        indexes = ((("checklist", "due_at"), True),)


Round.add_index(
    Round.index(Round.finished_at, name="round_finished", where=Round.finished_at.is_null(False))  # not for IS NULL
)


class RoundAnswer(Row):
    """One answer; the newest of an item counts. Value, limits and order are kept as they were.

    `gap` is the seconds since the previous answer of the round, `step` the order in which it was given,
    `default_kept` whether an offered value was left as it was. `text` holds a text, or the code of a choice.
    """

    append_only = True
    round = reference(Round, backref="answers")
    item = reference(CheckItem, backref="answers")
    person = reference(Person)
    at = Instant(index=True)
    verdict = CharField()
    number = DoubleField(null=True)
    text = TextField(null=True)
    note = TextField(null=True)
    warning = CharField(null=True)
    critical = CharField(null=True)
    gap = IntegerField(null=True)
    step = IntegerField(default=0)
    default_kept = BooleanField(null=True)
    corrects = reference("self", null=True)

    class Meta:
        indexes = ((("item", "at"), False),)
