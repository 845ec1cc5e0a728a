"""A trend in a few cells: `▂▂▃▃▇`."""

from __future__ import annotations

from collections.abc import Sequence

from dutydesk.ui import marks


def sparkline(
    values: Sequence[float | None], width: int = 5, *, low: float | None = None, high: float | None = None
) -> str:
    """Return the last `width` values as bars of different height, right-aligned in `width` cells.

    `low` and `high` fix the scale, such as the limits of a reading; without them it runs from the smallest to the
    largest value shown. None leaves a gap, equal values stand in the middle.
    """
    shown = list(values)[-width:] if width > 0 else []
    known = [value for value in shown if value is not None]
    if not known:
        return " " * max(0, width)
    low = min(known) if low is None else low
    high = max(known) if high is None else high
    top = len(marks.SPARK) - 1

    def step(value: float) -> int:
        return top // 2 if high <= low else max(0, min(top, round((value - low) / (high - low) * top)))

    return "".join(" " if value is None else marks.SPARK[step(value)] for value in shown).rjust(width)
