"""Incidents, from the record to the close: everything the other subjects and the screens call.

Every step is a compare-and-set on the incident, adds an entry to its append-only timeline, and is written into the
shift's log where a colleague must see it there. Source: REQUIREMENTS A3-A5, A7, B3-B5, C4, C5; DOMAIN 6.
"""

from __future__ import annotations

from dutydesk.services.incident_end import close, merge, reopen, resolve
from dutydesk.services.incident_facts import change_priority, classify, edit, plan, report
from dutydesk.services.incident_lists import (
    IncidentLine,
    Key,
    Similar,
    counts_by_view,
    find,
    open_lines,
    page,
    similar,
)
from dutydesk.services.incident_new import NewIncident, open_incident
from dutydesk.services.incident_rules import Rules, rules
from dutydesk.services.incident_views import (
    DispatchView,
    EquipmentOption,
    EventView,
    IncidentView,
    by_number,
    equipment,
    equipment_id,
    view,
)
from dutydesk.services.incident_work import acknowledge, arrived, dispatch, done, note, start

__all__ = [
    "DispatchView",
    "EquipmentOption",
    "EventView",
    "IncidentLine",
    "IncidentView",
    "Key",
    "NewIncident",
    "Rules",
    "Similar",
    "acknowledge",
    "arrived",
    "by_number",
    "change_priority",
    "classify",
    "close",
    "counts_by_view",
    "dispatch",
    "done",
    "edit",
    "equipment",
    "equipment_id",
    "find",
    "merge",
    "note",
    "open_incident",
    "open_lines",
    "page",
    "plan",
    "reopen",
    "report",
    "resolve",
    "rules",
    "similar",
    "start",
    "view",
]
