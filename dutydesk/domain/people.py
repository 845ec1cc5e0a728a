"""Roles, and how wrong PINs are slowed down."""

from __future__ import annotations

from dutydesk.domain.errors import Invalid
from dutydesk.domain.words import N_, Named

FREE_TRIES = 5
"""Wrong PINs before a wait begins. Source: DESIGN 3."""
FIRST_WAIT = 30
LONGEST_WAIT = 3600
PIN_SHORTEST = 4
PIN_LONGEST = 64


class Role(Named):
    """What a person may do at the desk."""

    ENGINEER = "engineer", N_("Engineer")
    SUPERVISOR = "supervisor", N_("Supervisor")
    READER = "reader", N_("Reader")


def wait_after(failures: int) -> int:
    """Return the seconds to wait after `failures` wrong PINs in a row: 0 before five, then 30, 60, … 3600."""
    if failures < FREE_TRIES:
        return 0
    doublings = min(failures - FREE_TRIES, 20)
    return min(FIRST_WAIT * 2**doublings, LONGEST_WAIT)


def check_new_pin(pin: str) -> str:
    """Return the PIN if it may be used; raise Invalid with the reason."""
    if not PIN_SHORTEST <= len(pin) <= PIN_LONGEST:
        raise Invalid(
            N_("A PIN has {shortest} to {longest} characters."), field="pin", shortest=PIN_SHORTEST, longest=PIN_LONGEST
        )
    if len(set(pin)) == 1:
        raise Invalid(N_("A PIN of one repeated character is too easy to guess."), field="pin")
    return pin
