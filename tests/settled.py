"""A desk that has been there for a while: its people are no newcomers, and nobody has walked a round yet."""

from __future__ import annotations

from dataclasses import replace
from unittest import mock

from dutydesk.domain import clock
from dutydesk.services import desk as desks
from dutydesk.services import planning
from dutydesk.services.core import SYSTEM

LONG_AGO = 40 * 86400


def init(spec: desks.InitSpec) -> None:
    """Make the open desk with what it holds made some weeks ago, and its shifts and rounds made now."""
    now = clock.now()
    with clock.frozen(now - LONG_AGO), mock.patch.object(planning, "extend", return_value=0):
        desks.init(SYSTEM, replace(spec, imports=False))
    if spec.imports:
        desks.import_shipped(SYSTEM)
    planning.extend(SYSTEM, spec.days)
