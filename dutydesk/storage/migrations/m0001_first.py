"""The first schema."""

from __future__ import annotations

from dutydesk.storage.engine import db
from dutydesk.storage.models import TABLES
from dutydesk.storage.search import create_index
from dutydesk.storage.triggers import create_triggers


def up() -> None:
    """Make every table, the full-text index and the guards of the append-only tables."""
    db.execute_sql("create table schema_version (number integer primary key)")
    db.create_tables(TABLES, safe=False)
    create_index()
    create_triggers()
