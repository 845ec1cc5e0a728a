"""The first schema, as it was when the first desks were made: never changed afterwards, later steps build on it.

Types are those that SQLite and PostgreSQL share; `{key}` is a number that the database gives itself.
"""

from __future__ import annotations

from dutydesk.storage import engine
from dutydesk.storage.dialect import declared
from dutydesk.storage.engine import db
from dutydesk.storage.triggers import announce, guard

SEARCH = {
    False: "create virtual table search_text using fts5(body, tokenize='unicode61')",
    True: "create table search_text (rowid bigint primary key, body tsvector not null);\n"
    "create index search_text_body on search_text using gin (body)",
}
"""The full-text index: on SQLite, and on PostgreSQL."""

APPEND_ONLY = {
    "audit_entry": "seq",
    "audit_binding": "id",
    "attendance": "id",
    "log_entry": "id",
    "round_answer": "id",
    "backup_check": "id",
    "restore_test": "id",
    "incident_event": "id",
    "handover_item": "id",
    "handover_answer": "id",
    "handover_sheet": "id",
}
"""The tables whose rows may never change, with their keys."""


def up() -> None:
    """Make every table, the full-text index and the guards of the append-only tables."""
    for statement in [*declared(TABLES).split(";\n"), *SEARCH[engine.on_postgres()].split(";\n")]:
        db.execute_sql(statement)
    for table, column in APPEND_ONLY.items():
        guard(table, column)
    announce()


TABLES = """\
create table schema_version (number integer primary key);

create table duty_shift (
    id {key}, day varchar(255) not null, kind varchar(255) not null, starts_at bigint not null,
    ends_at bigint not null
);
create index duty_shift_starts_at on duty_shift (starts_at);
create index duty_shift_ends_at on duty_shift (ends_at);
create unique index duty_shift_day_kind on duty_shift (day, kind);

create table person (
    id {key}, login varchar(255) not null, name varchar(255) not null, name_en varchar(255) not null,
    role varchar(255) not null, posts text not null, ordinal integer not null, pin_hash varchar(255) not null,
    os_user varchar(255), ssh_key text, active boolean not null, made_at bigint not null,
    version integer not null
);
create unique index person_login on person (login);
create unique index person_os_user on person (os_user);

create table assignment (
    id {key}, shift_id bigint not null references duty_shift on delete restrict,
    person_id bigint references person on delete restrict, post varchar(255) not null,
    flag varchar(255) not null, why text not null, version integer not null
);
create index assignment_shift_id on assignment (shift_id);
create index assignment_person_id on assignment (person_id);

create table attendance (
    id {key}, shift_id bigint not null references duty_shift on delete restrict,
    person_id bigint not null references person on delete restrict, kind varchar(255) not null,
    at bigint not null, entered_at bigint not null, late_minutes integer not null,
    early_minutes integer not null, host varchar(255) not null, terminal varchar(255) not null,
    corrects_id bigint references attendance on delete restrict, reason text,
    approver_id bigint references person on delete restrict
);
create index attendance_shift_id on attendance (shift_id);
create index attendance_person_id on attendance (person_id);
create index attendance_corrects_id on attendance (corrects_id);
create index attendance_approver_id on attendance (approver_id);

create table audit_binding (
    id {key}, seq bigint not null, table_name varchar(255) not null, row_id bigint not null,
    digest varchar(255) not null
);
create index audit_binding_table_name_row_id_seq on audit_binding (table_name, row_id, seq);

create table audit_entry (
    seq {key}, at bigint not null, login varchar(255) not null, host varchar(255) not null,
    terminal varchar(255) not null, action varchar(255) not null, subject varchar(255) not null,
    subject_id bigint, changed text not null, bound_rows text not null, previous varchar(255) not null,
    digest varchar(255) not null
);
create index audit_entry_subject_subject_id on audit_entry (subject, subject_id);

create table backup_job (
    id {key}, code varchar(255) not null, name varchar(255) not null, name_en varchar(255) not null,
    program varchar(255) not null, schedule varchar(255) not null, rpo_hours integer not null,
    copies integer not null, media integer not null, offsite boolean not null, immutable boolean not null,
    restore_test_days integer not null, ordinal integer not null, active boolean not null,
    version integer not null
);
create unique index backup_job_code on backup_job (code);

create table checklist (
    id {key}, code varchar(255) not null, kind varchar(255) not null, name varchar(255) not null,
    name_en varchar(255) not null, active boolean not null, version integer not null
);
create unique index checklist_code on checklist (code);

create table round (
    id {key}, checklist_id bigint not null references checklist on delete restrict,
    shift_id bigint references duty_shift on delete restrict, due_at bigint not null, late_at bigint not null,
    missed_at bigint not null, status varchar(255) not null, started_at bigint,
    started_by_id bigint references person on delete restrict, finished_at bigint,
    finished_by_id bigint references person on delete restrict, reason text, version integer not null
);
create index round_checklist_id on round (checklist_id);
create index round_shift_id on round (shift_id);
create index round_due_at on round (due_at);
create index round_status on round (status);
create index round_started_by_id on round (started_by_id);
create index round_finished_by_id on round (finished_by_id);
create index round_finished on round (finished_at) where finished_at is not null;
create unique index round_checklist_id_due_at on round (checklist_id, due_at);

create table room (
    id {key}, code varchar(255) not null, name varchar(255) not null, name_en varchar(255) not null,
    ordinal integer not null
);
create unique index room_code on room (code);

create table equipment (
    id {key}, code varchar(255) not null, room_id bigint not null references room on delete restrict,
    rack varchar(255) not null, name varchar(255) not null, name_en varchar(255) not null,
    kind varchar(255) not null, in_service boolean not null, version integer not null
);
create unique index equipment_code on equipment (code);
create index equipment_room_id on equipment (room_id);

create table check_item (
    id {key}, checklist_id bigint not null references checklist on delete restrict, code varchar(255) not null,
    ordinal integer not null, place varchar(255) not null, place_en varchar(255) not null,
    equipment_id bigint references equipment on delete restrict, name varchar(255) not null,
    name_en varchar(255) not null, kind varchar(255) not null, unit varchar(255) not null,
    warning varchar(255) not null, critical varchar(255) not null, choices text not null,
    required boolean not null, condition varchar(255) not null, job varchar(255) not null, hint text not null,
    hint_en text not null, active boolean not null, made_at bigint, retired_at bigint, version integer not null
);
create index check_item_checklist_id on check_item (checklist_id);
create index check_item_equipment_id on check_item (equipment_id);
create index check_item_checklist_id_ordinal on check_item (checklist_id, ordinal);

create table round_answer (
    id {key}, round_id bigint not null references round on delete restrict,
    item_id bigint not null references check_item on delete restrict,
    person_id bigint not null references person on delete restrict, at bigint not null,
    verdict varchar(255) not null, number double precision, text text, note text, warning varchar(255),
    critical varchar(255), gap integer, step integer not null, default_kept boolean,
    corrects_id bigint references round_answer on delete restrict
);
create index round_answer_round_id on round_answer (round_id);
create index round_answer_item_id on round_answer (item_id);
create index round_answer_person_id on round_answer (person_id);
create index round_answer_at on round_answer (at);
create index round_answer_corrects_id on round_answer (corrects_id);
create index round_answer_item_id_at on round_answer (item_id, at);

create table backup_check (
    id {key}, job_id bigint not null references backup_job on delete restrict,
    answer_id bigint references round_answer on delete restrict,
    person_id bigint not null references person on delete restrict, at bigint not null,
    verdict varchar(255) not null, last_good_at bigint, size bigint, verified boolean not null, note text
);
create index backup_check_job_id on backup_check (job_id);
create index backup_check_answer_id on backup_check (answer_id);
create index backup_check_person_id on backup_check (person_id);
create index backup_check_job_id_at on backup_check (job_id, at);

create table calendar_day (
    id {key}, country varchar(255) not null, day varchar(255) not null, kind varchar(255) not null,
    name varchar(255) not null
);
create unique index calendar_day_country_day on calendar_day (country, day);

create table incident (
    id {key}, number varchar(255) not null, kind varchar(255) not null, source varchar(255) not null,
    title varchar(255) not null, detail text not null, category varchar(255) not null,
    impact varchar(255) not null, urgency varchar(255) not null, priority varchar(255) not null,
    status varchar(255) not null, caller varchar(255) not null, contact varchar(255) not null,
    location varchar(255) not null, equipment_id bigint references equipment on delete restrict,
    shift_id bigint references duty_shift on delete restrict,
    answer_id bigint references round_answer on delete restrict,
    reporter_id bigint not null references person on delete restrict,
    owner_id bigint references person on delete restrict, opened_at bigint not null, entered_at bigint not null,
    acknowledged_at bigint, resolved_at bigint, closed_at bigint, follow_up_at bigint, next_step text not null,
    solution text not null, security_class varchar(255) not null, security_grade varchar(255) not null,
    report_due_at bigint, reported_at bigint, merged_into bigint, reopened integer not null,
    drill boolean not null, version integer not null
);
create unique index incident_number on incident (number);
create index incident_equipment_id on incident (equipment_id);
create index incident_shift_id on incident (shift_id);
create index incident_answer_id on incident (answer_id);
create index incident_reporter_id on incident (reporter_id);
create index incident_owner_id on incident (owner_id);
create index incident_opened_at on incident (opened_at);
create index incident_entered_at on incident (entered_at);
create index incident_resolved_at on incident (resolved_at);
create index incident_closed_at on incident (closed_at);
create index incident_status_priority_opened_at on incident (status, priority, opened_at);
create index incident_opened_at_priority_resolved_at_acknowledged_at
    on incident (opened_at, priority, resolved_at, acknowledged_at);
create index incident_unresolved
    on incident (priority, opened_at, id) where resolved_at is null and closed_at is null;
create index incident_unresolved_owner
    on incident (owner_id, priority, opened_at, id) where resolved_at is null and closed_at is null;
create index incident_unresolved_kind
    on incident (kind, priority, opened_at, id) where resolved_at is null and closed_at is null;
create index incident_to_close
    on incident (priority, opened_at, id) where resolved_at is not null and closed_at is null;
create index incident_to_report on incident (report_due_at) where report_due_at is not null and reported_at is null;
create index incident_to_follow on incident (follow_up_at) where follow_up_at is not null and closed_at is null;

create table dispatch (
    id {key}, incident_id bigint not null references incident on delete restrict, mode varchar(255) not null,
    person_id bigint references person on delete restrict, who varchar(255) not null, sent_at bigint not null,
    arrived_at bigint, done_at bigint, result text not null, version integer not null
);
create index dispatch_incident_id on dispatch (incident_id);
create index dispatch_person_id on dispatch (person_id);

create table draft (
    id {key}, person_id bigint not null references person on delete restrict, form varchar(255) not null,
    data text not null, updated_at bigint not null
);
create index draft_person_id on draft (person_id);
create unique index draft_person_id_form on draft (person_id, form);

create table handover (
    id {key}, number varchar(255) not null,
    from_shift_id bigint not null references duty_shift on delete restrict,
    to_shift_id bigint not null references duty_shift on delete restrict, status varchar(255) not null,
    revision integer not null, state varchar(255) not null, cut_off bigint,
    prepared_by_id bigint references person on delete restrict, prepared_at bigint,
    returned_by_id bigint references person on delete restrict, returned_at bigint, return_reason text not null,
    accepted_by_id bigint references person on delete restrict, accepted_at bigint, sealed_at bigint,
    relief boolean not null, relief_reason text not null,
    countersigned_by_id bigint references person on delete restrict, countersigned_at bigint,
    version integer not null
);
create unique index handover_number on handover (number);
create unique index handover_from_shift_id on handover (from_shift_id);
create index handover_to_shift_id on handover (to_shift_id);
create index handover_prepared_by_id on handover (prepared_by_id);
create index handover_returned_by_id on handover (returned_by_id);
create index handover_accepted_by_id on handover (accepted_by_id);
create index handover_countersigned_by_id on handover (countersigned_by_id);

create table handover_item (
    id {key}, handover_id bigint not null references handover on delete restrict, revision integer not null,
    ordinal integer not null, block varchar(255) not null, colour varchar(255) not null,
    subject varchar(255) not null, subject_id integer, title text not null, next_step text not null,
    since bigint, deadline bigint, carried integer not null, answer_required boolean not null,
    data text not null
);
create index handover_item_handover_id on handover_item (handover_id);
create index handover_item_subject_subject_id on handover_item (subject, subject_id);
create index handover_item_handover_id_revision_ordinal on handover_item (handover_id, revision, ordinal);

create table handover_answer (
    id {key}, handover_id bigint not null references handover on delete restrict, revision integer not null,
    item_id bigint not null references handover_item on delete restrict,
    person_id bigint not null references person on delete restrict, at bigint not null, words text not null
);
create index handover_answer_handover_id on handover_answer (handover_id);
create index handover_answer_item_id on handover_answer (item_id);
create index handover_answer_person_id on handover_answer (person_id);

create table handover_sheet (
    id {key}, handover_id bigint not null references handover on delete restrict, sealed_at bigint not null,
    content text not null, digest varchar(255) not null, chain_head varchar(255) not null,
    chain_seq integer not null
);
create unique index handover_sheet_handover_id on handover_sheet (handover_id);

create table incident_event (
    id {key}, incident_id bigint not null references incident on delete restrict,
    person_id bigint references person on delete restrict, kind varchar(255) not null, text text not null,
    at bigint not null, entered_at bigint not null, data text not null
);
create index incident_event_incident_id on incident_event (incident_id);
create index incident_event_person_id on incident_event (person_id);

create table log_entry (
    id {key}, shift_id bigint references duty_shift on delete restrict,
    person_id bigint references person on delete restrict, kind varchar(255) not null, text text not null,
    message text, message_values text, event_at bigint not null, entered_at bigint not null, incident_id bigint,
    late boolean not null, corrects_id bigint references log_entry on delete restrict, reason text
);
create index log_entry_event_at on log_entry (event_at);
create index log_entry_entered_at on log_entry (entered_at);
create index log_entry_incident_id on log_entry (incident_id);
create unique index log_entry_corrects_id on log_entry (corrects_id);
create index log_entry_kind_event_at on log_entry (kind, event_at);
create index log_entry_person_id_event_at on log_entry (person_id, event_at);
create index log_entry_shift_id_event_at on log_entry (shift_id, event_at);

create table measure (
    id {key}, number varchar(255) not null, kind varchar(255) not null, title varchar(255) not null,
    detail text not null, since bigint not null, until bigint,
    owner_id bigint not null references person on delete restrict,
    shift_id bigint references duty_shift on delete restrict, incident_id bigint, closed_at bigint,
    closed_by_id bigint references person on delete restrict, closing_note text not null,
    version integer not null
);
create unique index measure_number on measure (number);
create index measure_owner_id on measure (owner_id);
create index measure_shift_id on measure (shift_id);
create index measure_closed_at on measure (closed_at);
create index measure_closed_by_id on measure (closed_by_id);

create table pin_try (
    id {key}, person_id bigint not null references person on delete restrict, failures integer not null,
    locked_until bigint not null
);
create unique index pin_try_person_id on pin_try (person_id);

create table policy (
    id {key}, name varchar(255) not null, text text not null, effective_from varchar(255) not null,
    made_at bigint not null
);

create table preference (
    id {key}, person_id bigint not null references person on delete restrict, key varchar(255) not null,
    value text not null
);
create index preference_person_id on preference (person_id);
create unique index preference_person_id_key on preference (person_id, key);

create table presence (
    id {key}, console varchar(255) not null, person_id bigint references person on delete restrict,
    host varchar(255) not null, terminal varchar(255) not null, opened_at bigint not null,
    beat_at bigint not null
);
create unique index presence_console on presence (console);
create index presence_person_id on presence (person_id);

create table restore_test (
    id {key}, job_id bigint not null references backup_job on delete restrict,
    person_id bigint not null references person on delete restrict, at bigint not null,
    entered_at bigint not null, minutes integer not null, worked boolean not null, note text
);
create index restore_test_job_id on restore_test (job_id);
create index restore_test_person_id on restore_test (person_id);

create table round_plan (
    id {key}, checklist_id bigint not null references checklist on delete restrict, times text not null,
    late_after integer not null, missed_after integer not null, active boolean not null,
    version integer not null
);
create index round_plan_checklist_id on round_plan (checklist_id);

create table search_doc (
    id {key}, subject varchar(255) not null, subject_id bigint not null
);
create unique index search_doc_subject_subject_id on search_doc (subject, subject_id);

create table setting (
    id {key}, key varchar(255) not null, value text not null, version integer not null
);
create unique index setting_key on setting (key);

create table thing (
    id {key}, code varchar(255) not null, name varchar(255) not null, name_en varchar(255) not null,
    expected integer not null, ordinal integer not null, active boolean not null, version integer not null
);
create unique index thing_code on thing (code)"""
