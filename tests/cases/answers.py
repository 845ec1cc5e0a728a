"""Every check there is: importing them registers them."""

from __future__ import annotations

from tests.cases import ahead, crews, days, handoffs, overlays, pay, readings, rotations, times

ALL = (ahead, crews, days, handoffs, overlays, pay, readings, rotations, times)
