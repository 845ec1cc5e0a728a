"""How fairness reads: counts, shares, and the score with what it was made of."""

from __future__ import annotations

from dutydesk.domain.fairness import WEIGHTS, Carried, Evenness, Measured, Quality
from dutydesk.domain.words import Label
from dutydesk.locale import _, pick, word


def amount(measured: Measured, value: float) -> str:
    """Return a count as people read it: hours from minutes, duties with a decimal only where there are parts."""
    value = value / 60 if measured is Measured.HOURS else value
    return f"{value:.1f}".removesuffix(".0")


def count(value: float) -> str:
    """Return a number of duties: empty for none, one decimal for parts."""
    shown = f"{value:.1f}".removesuffix(".0")
    return "" if shown == "0" else shown


def evenness(each: Evenness) -> str:
    """Return one measure as a sentence: how much would have to move of how much."""
    return _(
        "{what} {percent} %: {moved} of {total} would have to move",
        what=word(each.measured),
        percent=each.percent,
        moved=amount(each.measured, each.moved),
        total=amount(each.measured, each.total),
    )


def formula(quality: Quality) -> str:
    """Return the formula with its numbers: how the score of this roster comes about."""
    weights = _(" + ").join(
        _("{weight} × {value}", weight=f"{WEIGHTS[each.measured] / 100:.1f}", value=f"{each.percent / 100:.2f}")
        for each in quality.measures
    )
    return _(
        "{score} = 100 × {filled}/{places} × ({weights})",
        score=quality.score,
        filled=count(quality.filled) or "0",
        places=count(quality.places) or "0",
        weights=weights,
    )


def uneven(carried: Carried, label: Label) -> str:
    """Return who carries more or less than his share, in whole turns."""
    values = {
        "name": pick(label),
        "what": word(carried.measured),
        "has": amount(carried.measured, carried.has),
        "low": amount(carried.measured, carried.low),
        "high": amount(carried.measured, carried.high),
    }
    if carried.low == carried.high:
        return _("{name}: {what} {has}, fair is {low}", **values)
    return _("{name}: {what} {has}, fair is {low} to {high}", **values)
