"""The roster, leave and swaps, call-outs, duty pay; parts of a shift; a signature that never was, or is put right."""

from __future__ import annotations

from dutydesk.storage.dialect import declared
from dutydesk.storage.engine import db
from dutydesk.storage.triggers import guard

APPEND_ONLY = ("roster_version", "call_out", "rate_table", "allowance_month")
"""The new tables whose rows may never change."""


def up() -> None:
    """Change the old tables, make the new tables and their guards."""
    for statement in COLUMNS.split(";\n"):
        db.execute_sql(statement)
    for statement in declared(TABLES).split(";\n"):
        db.execute_sql(statement)
    for table in APPEND_ONLY:
        guard(table, "id")


COLUMNS = """\
alter table assignment add column from_at bigint;
alter table assignment add column to_at bigint;
alter table attendance add column void boolean;
drop index attendance_corrects_id;
create unique index attendance_corrects_id on attendance (corrects_id);
alter table duty_shift add column base text"""

TABLES = """\
create table roster_version (
    id {key}, number integer not null, from_day varchar(255) not null, to_day varchar(255) not null, published_by_id
    bigint references person on delete restrict, published_at bigint not null, note text not null, summary text not
    null
);
create unique index roster_version_number on roster_version (number);
create index roster_version_published_by_id on roster_version (published_by_id);

create table roster_change (
    id {key}, day varchar(255) not null, shift_kind varchar(255) not null, kind varchar(255) not null, person_out_id
    bigint references person on delete restrict, person_in_id bigint references person on delete restrict, post
    varchar(255) not null, from_at bigint, to_at bigint, source varchar(255) not null, source_id integer, reason
    text not null, made_by_id bigint references person on delete restrict, made_at bigint not null, withdrawn_by_id
    bigint references person on delete restrict, withdrawn_at bigint, version integer not null
);
create index roster_change_person_out_id on roster_change (person_out_id);
create index roster_change_person_in_id on roster_change (person_in_id);
create index roster_change_made_by_id on roster_change (made_by_id);
create index roster_change_withdrawn_by_id on roster_change (withdrawn_by_id);
create index roster_change_day_shift_kind on roster_change (day, shift_kind);
create index roster_change_source_source_id on roster_change (source, source_id);

create table notice (
    id {key}, person_id bigint not null references person on delete restrict, at bigint not null, message text not
    null, message_values text not null, subject varchar(255) not null, subject_id integer, seen_at bigint
);
create index notice_person_id on notice (person_id);
create index notice_person_id_seen_at_at on notice (person_id, seen_at, at);

create table leave (
    id {key}, number varchar(255) not null, person_id bigint not null references person on delete restrict, kind
    varchar(255) not null, starts_at bigint not null, ends_at bigint not null, reason text not null, status
    varchar(255) not null, asked_at bigint not null, decided_by_id bigint references person on delete restrict,
    decided_at bigint, decision text not null, version integer not null
);
create unique index leave_number on leave (number);
create index leave_person_id on leave (person_id);
create index leave_starts_at on leave (starts_at);
create index leave_ends_at on leave (ends_at);
create index leave_decided_by_id on leave (decided_by_id);
create index leave_status_starts_at on leave (status, starts_at);

create table leave_cover (
    id {key}, leave_id bigint not null references leave on delete restrict, shift_id bigint not null references
    duty_shift on delete restrict, from_at bigint, to_at bigint, substitute_id bigint references person on delete
    restrict, status varchar(255) not null, reason text not null, asked_at bigint not null, answered_at bigint,
    version integer not null
);
create index leave_cover_leave_id on leave_cover (leave_id);
create index leave_cover_shift_id on leave_cover (shift_id);
create index leave_cover_substitute_id on leave_cover (substitute_id);

create table swap (
    id {key}, number varchar(255) not null, person_id bigint not null references person on delete restrict, other_id
    bigint not null references person on delete restrict, mine_id bigint not null references duty_shift on delete
    restrict, theirs_id bigint references duty_shift on delete restrict, reason text not null, status varchar(255)
    not null, asked_at bigint not null, agreed_at bigint, decided_by_id bigint references person on delete restrict,
    decided_at bigint, decision text not null, version integer not null
);
create unique index swap_number on swap (number);
create index swap_person_id on swap (person_id);
create index swap_other_id on swap (other_id);
create index swap_mine_id on swap (mine_id);
create index swap_theirs_id on swap (theirs_id);
create index swap_decided_by_id on swap (decided_by_id);

create table correction_request (
    id {key}, shift_id bigint not null references duty_shift on delete restrict, person_id bigint not null references
    person on delete restrict, came_at bigint, left_at bigint, void boolean not null, reason text not null, status
    varchar(255) not null, asked_at bigint not null, decided_by_id bigint references person on delete restrict,
    decided_at bigint, decision text not null, version integer not null
);
create index correction_request_shift_id on correction_request (shift_id);
create index correction_request_person_id on correction_request (person_id);
create index correction_request_decided_by_id on correction_request (decided_by_id);
create index correction_request_status_asked_at on correction_request (status, asked_at);

create table call_out (
    id {key}, person_id bigint not null references person on delete restrict, shift_id bigint references duty_shift
    on delete restrict, called_at bigint not null, arrived_at bigint, left_at bigint, on_site boolean not null,
    incident_id bigint, entered_at bigint not null, entered_by_id bigint not null references person on delete
    restrict, cancelled boolean not null, corrects_id bigint references call_out on delete restrict, reason text not
    null, approver_id bigint references person on delete restrict
);
create index call_out_person_id on call_out (person_id);
create index call_out_shift_id on call_out (shift_id);
create index call_out_called_at on call_out (called_at);
create index call_out_entered_by_id on call_out (entered_by_id);
create unique index call_out_corrects_id on call_out (corrects_id);
create index call_out_approver_id on call_out (approver_id);

create table rate_table (
    id {key}, name varchar(255) not null, text text not null, effective_from varchar(255) not null, made_at bigint
    not null, made_by_id bigint references person on delete restrict
);
create index rate_table_made_by_id on rate_table (made_by_id);

create table allowance_month (
    id {key}, month varchar(255) not null, revision integer not null, frozen_by_id bigint not null references person
    on delete restrict, frozen_at bigint not null, rates text not null, content text not null, digest varchar(255)
    not null, reason text not null
);
create index allowance_month_frozen_by_id on allowance_month (frozen_by_id);
create unique index allowance_month_month_revision on allowance_month (month, revision)"""
