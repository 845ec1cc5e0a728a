"""How people are told outside the console: their channels, and each notice on its way through one."""

from __future__ import annotations

from dutydesk.storage.dialect import declared
from dutydesk.storage.engine import db


def up() -> None:
    """Make the new tables. Neither is bound to the chain: an address is a secret, and a delivery moves on."""
    for statement in declared(TABLES).split(";\n"):
        db.execute_sql(statement)


TABLES = """\
create table channel (
    id {key}, person_id bigint not null references person on delete restrict, kind varchar(255) not null, address text
    not null, made_at bigint not null, removed_at bigint
);
create index channel_person_id on channel (person_id);

create table delivery (
    id {key}, notice_id bigint not null references notice on delete restrict, channel_id bigint not null references
    channel on delete restrict, status varchar(255) not null, trouble varchar(255) not null, tries integer not null,
    claim varchar(255) not null, until_at bigint not null, ended_at bigint
);
create index delivery_notice_id on delivery (notice_id);
create index delivery_channel_id on delivery (channel_id);
create unique index delivery_notice_id_channel_id on delivery (notice_id, channel_id);
create index delivery_status_until_at on delivery (status, until_at)"""
