"""What the doctor says of the care that a desk gets: copies, archives, and whether people are told outside of it."""

from __future__ import annotations

import json
from collections.abc import Iterator

from dutydesk.domain import clock
from dutydesk.domain.channels import Status
from dutydesk.domain.words import N_
from dutydesk.services import archive, operations
from dutydesk.services.core import unguarded
from dutydesk.services.doctor_said import Finding, Said
from dutydesk.storage import engine
from dutydesk.storage.models import APPEND_ONLY
from dutydesk.storage.models.audit import AuditEntry
from dutydesk.storage.models.delivery import Channel, Delivery

DAY = 86400
BACKUP_DAYS = 3
"""Days without a copy: one is made each night, and two in a row may fail before somebody must look."""
ARCHIVE_DAYS = 40
"""Days without an archive: one is made each month. The law wants six months of records kept (DOMAIN 7)."""
LATE = 3600
"""Seconds that a notice may wait beyond its time before nobody seems to deliver."""
RECENT = 7 * DAY


def _said(message: str, **values: object) -> Said:
    return Said(message, values)


def copies() -> Iterator[Finding]:
    """Say when the newest copy was made; a server may have its own, of which the desk does not know."""
    newest = _newest_copy()
    if newest is None and engine.sqlite_path(engine.url()) is None:
        found = _said(N_("none that the desk knows of; the database may have its own"))
        yield Finding("backup", N_("Backup"), True, found)
        return
    advice = _said(N_("Copy the desk each night: dutydesk-backup.timer, or dutydesk backup --into FOLDER"))
    yield _age("backup", N_("Backup"), newest, BACKUP_DAYS, advice)


def _newest_copy() -> tuple[int, str] | None:
    query = AuditEntry.select(AuditEntry.at, AuditEntry.values).where(AuditEntry.subject == operations.COPY)
    rows = list(query.order_by(AuditEntry.seq.desc()).limit(1).tuples())
    return (rows[0][0], json.loads(rows[0][1])["file"]) if rows else None


def archives() -> Iterator[Finding]:
    """Say when the newest archive was made."""
    kept = archive.kept()
    newest = (kept[-1].at, kept[-1].file) if kept else None
    advice = _said(
        N_("Keep the records elsewhere each month: dutydesk-archive.timer, or dutydesk archive --into FOLDER")
    )
    yield _age("archive", N_("Archive"), newest, ARCHIVE_DAYS, advice)


def _age(key: str, title: str, newest: tuple[int, str] | None, days: int, advice: Said) -> Finding:
    """Judge the newest of something by its age, or by that of the desk when there is none."""
    if newest is not None:
        at, found = newest[0], _said(N_("the newest of {at}: {file}"), at={"at": newest[0]}, file=newest[1])
    else:
        at, found = _made_at(), _said(N_("none yet"))
    well = clock.now() - at <= days * DAY
    return Finding(key, title, well, found, None if well else advice)


def _made_at() -> int:
    first = AuditEntry.select(AuditEntry.at).order_by(AuditEntry.seq).limit(1).scalar()
    return clock.now() if first is None else int(first)


def notices() -> Iterator[Finding]:
    """Say whether notices go out to who has a channel."""
    people = Channel.select(Channel.person).where(Channel.removed_at.is_null()).distinct().count()
    now = clock.now()
    waiting = (Delivery.status << [Status.WAITING.value, Status.CLAIMED.value]) & (Delivery.until_at < now - LATE)
    late = Delivery.select().where(waiting).count()
    lost = (Delivery.status << [Status.FAILED.value, Status.UNSURE.value]) & (Delivery.ended_at > now - RECENT)
    failed = Delivery.select().where(lost).count()
    if not people and not failed:
        yield Finding("notices", N_("Notices"), True, _said(N_("in the console only; nobody has a channel")))
        return
    found = _said(N_("{people} with a channel; late: {late}; failed in 7 days: {failed}"))
    found = Said(found.message, {"people": people, "late": late, "failed": failed})
    advice = None
    if late:
        advice = _said(N_("Nobody delivers: is dutydesk-notify.timer running?"))
    elif failed:
        advice = _said(N_("What failed and why: dutydesk notify list --troubled"))
    yield Finding("notices", N_("Notices"), advice is None, found, advice)


@unguarded
def anybody_told_outside() -> bool:
    """Return whether somebody of the open desk has a channel, so that the package for it is needed."""
    return bool(Channel.select().where(Channel.removed_at.is_null()).exists())


def guards() -> Iterator[Finding]:
    """Yield whether every append-only table of a file still has its guards."""
    rows = engine.db.execute_sql(
        "select tbl_name, count(*) from sqlite_master where type = 'trigger' and sql like '%raise(abort%' "
        "and name in (tbl_name || '_no_update', tbl_name || '_no_delete', tbl_name || '_no_replace') group by tbl_name"
    ).fetchall()
    yield guarded({name for name, count in rows if count == 3})


def guarded(tables: set[str]) -> Finding:
    """Return what is to be said when these tables have all of their guards."""
    names = (table._meta.table_name for table in APPEND_ONLY)  # type: ignore[attr-defined]
    without = sorted(name for name in names if name not in tables)
    found = _said(N_("every append-only table is guarded"))
    if without:
        found = _said(N_("without a guard: {tables}"), tables=", ".join(without))
    advice = _said(N_("Somebody took guards away: run `dutydesk verify`, find out who, and restore the newest backup."))
    return Finding("guards", N_("Guards"), not without, found, advice if without else None)
