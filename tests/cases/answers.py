"""Every check there is: importing them registers them."""

from __future__ import annotations

from tests.cases import crews, days, handoffs, overlays, pay, readings, rotations, times

ALL = (crews, days, handoffs, overlays, pay, readings, rotations, times)
