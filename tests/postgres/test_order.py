"""What people see stands in an order that was asked for: a server gives rows back as they happen to lie."""

from __future__ import annotations

from dutydesk.services import (
    corrections,
    handover_fill,
    incident_new,
    incident_steps,
    incident_work,
    leave_steps,
    people,
)
from dutydesk.storage.engine import db
from dutydesk.storage.models.backups import BackupCheck, BackupJob
from dutydesk.storage.models.incidents import Incident
from dutydesk.storage.models.people import Person
from tests.services.conftest import START
from tests.storage.conftest import ask


def rewrite(table: str, condition: str = "id % 2 = 1") -> None:
    """Let some rows lie behind the others, as they do once somebody has edited them."""
    db.execute_sql(f"update {table} set version = version where {condition}".replace("%", "%%"))


def test_supervisors_are_told_in_one_order(opened: str) -> None:
    Person.update(role="supervisor").where(Person.login.in_(["eng-a", "eng-c"])).execute()
    rewrite("person", "login = 'chief'")
    lie = [key for (key,) in ask("select id from person where role = 'supervisor'")]
    assert lie != sorted(lie), "they lie in another order"
    assert leave_steps.supervisors() == sorted(lie)
    assert corrections._supervisors() == sorted(lie)


def test_bad_copies_stand_in_a_handover_in_the_order_of_their_checks(opened: str) -> None:
    jobs = [job.id for job in BackupJob.select().order_by(BackupJob.id.desc())]
    who = people.identify("eng-a")
    for job in jobs:
        BackupCheck.create(job=job, person=who.person_id, at=START - 60, verdict="critical")
    rewrite("backup_job")
    db.execute_sql("set local enable_nestloop = off")
    found = handover_fill._backups(START - 3600, START)
    assert [item.subject_id for item in found if item.subject == "backup_job"] == jobs


def test_notes_are_searched_in_the_order_they_were_written(opened: str) -> None:
    who = people.identify("eng-a")
    made = incident_new.open_incident(who, incident_new.NewIncident("switch"))
    for text in ("vendor called", "part arrives"):
        incident_work.note(who, made.id, text)
    incident_steps.index(Incident.get_by_id(made.id))
    places = ask("select body from search_text order by rowid desc limit 1")[0][0]
    assert int(places.split("'called':")[1].split()[0]) + 1 == int(places.split("'part':")[1].split()[0])
