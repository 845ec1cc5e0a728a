"""Late and early against the plan. Source: REQUIREMENTS C11."""

from __future__ import annotations


def late_minutes(starts_at: int, at: int, grace: int) -> int:
    """Return the whole minutes after the planned start; 0 within `grace` minutes. Past the grace all of them count."""
    minutes = max(0, at - starts_at) // 60
    return minutes if minutes > grace else 0


def early_minutes(ends_at: int, at: int, grace: int) -> int:
    """Return the whole minutes before the planned end; 0 within `grace` minutes. Past the grace all of them count."""
    minutes = max(0, ends_at - at) // 60
    return minutes if minutes > grace else 0
