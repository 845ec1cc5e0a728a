"""Backup jobs, the checks of their copies, and restore tests."""

from __future__ import annotations

from peewee import BigIntegerField, BooleanField, CharField, IntegerField, TextField

from dutydesk.storage.models.base import Instant, Row, reference
from dutydesk.storage.models.people import Person
from dutydesk.storage.models.rounds import RoundAnswer


class BackupJob(Row):
    """A backup that runs by schedule; `rpo_hours` is how old the last good copy may be."""

    code = CharField(unique=True)
    name = CharField()
    name_en = CharField(default="")
    program = CharField(default="")
    schedule = CharField(default="")
    rpo_hours = IntegerField()
    copies = IntegerField(default=1)
    media = IntegerField(default=1)
    offsite = BooleanField(default=False)
    immutable = BooleanField(default=False)
    restore_test_days = IntegerField(default=90)
    ordinal = IntegerField(default=0)
    active = BooleanField(default=True)
    version = IntegerField(default=1)


class BackupCheck(Row):
    """One check of a job's last good copy: there, whole, valid; size in bytes."""

    append_only = True
    job = reference(BackupJob, backref="checks")
    answer = reference(RoundAnswer, null=True)
    person = reference(Person)
    at = Instant()
    verdict = CharField()
    last_good_at = Instant(null=True)
    size = BigIntegerField(null=True)
    verified = BooleanField(default=False)
    note = TextField(null=True)

    class Meta:
        indexes = ((("job", "at"), False),)


class RestoreTest(Row):
    """One practised restore: how long it took in minutes and whether it worked."""

    append_only = True
    job = reference(BackupJob, backref="restore_tests")
    person = reference(Person)
    at = Instant()
    entered_at = Instant()
    minutes = IntegerField()
    worked = BooleanField()
    note = TextField(null=True)
