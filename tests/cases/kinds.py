"""Which check belongs to which kind of case, and how an answer is compared with what a case expects.

A check reads the input of a case, puts it into the product's own terms, asks the public functions of the domain and
returns what they say under the keys of `expect`. Kinds are translated, never cases.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from tests.cases.collected import Case, Fields, passed_over

Answer = Mapping[str, Any]
Check = Callable[[Case], Answer]
CHECKS: dict[str, Check] = {}


class NotSayable(Exception):
    """A case that cannot be said in the product's terms, with what is missing."""


class UnknownKind(Exception):
    """A kind of case that neither has a check nor stands among those that do not concern the product."""


def check(kind: str) -> Callable[[Check], Check]:
    """Register the function that answers the cases of a kind."""

    def register(function: Check) -> Check:
        CHECKS[kind] = function
        return function

    return register


def complaints(case: Case) -> list[str]:
    """Return what is wrong with the product's answer to a case; nothing when all of it is as expected."""
    if case.kind not in CHECKS:
        known = ", ".join(sorted(CHECKS))
        raise UnknownKind(f"{case}: nothing checks the kind “{case.kind}”. Checked are: {known}.")
    try:
        answer = CHECKS[case.kind](case)
    except NotSayable as why:
        return [f"cannot be said in our terms: {why}"]
    found = []
    for key in case.expect if isinstance(case.expect, Fields) else ():
        expected = case.expect[key]
        if key not in answer:
            found.append(f"the check of this kind says nothing about “{key}”")
        elif not same(expected, answer[key]):
            found.append(f"{key}: expected {expected!r}, got {answer[key]!r}")
    found += [f"the check of this kind passes over the input “{key}”" for key in passed_over(case.given)]
    return found


def same(expected: Any, got: Any) -> bool:
    """Whether two answers are the same; numbers to the ninth digit, tables without regard to order."""
    if isinstance(expected, bool) or isinstance(got, bool):
        return expected is got
    if isinstance(expected, int) and isinstance(got, int):
        return expected == got
    if isinstance(expected, int | float) and isinstance(got, int | float):
        return math.isclose(expected, got, rel_tol=1e-9, abs_tol=1e-9)
    if isinstance(expected, Mapping) and isinstance(got, Mapping):
        return expected.keys() == got.keys() and all(same(expected[key], got[key]) for key in expected)
    if isinstance(expected, list) and isinstance(got, list | tuple):
        return len(expected) == len(got) and all(same(one, other) for one, other in zip(expected, got, strict=True))
    return bool(expected == got)
