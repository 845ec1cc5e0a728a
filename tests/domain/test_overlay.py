"""Changes above the rotation: who replaces whom, for how long, and what stays empty (DOMAIN 2.8)."""

from __future__ import annotations

from datetime import date
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dutydesk.domain.overlay import Change, ChangeKind, ChangeSource, apply, idle
from dutydesk.domain.planned import Assigned, Flag, Missing, Note, Reason, Slot, Why

DAY = date(2026, 11, 23)
START, END = 1_000_000, 1_043_200
HOUR = 3600
BY_RULE = Why("turns", 7, (Note("Turn {turn}: next in the fixed order.", {"turn": 7}),))


def slot(*logins: str, missing: tuple[Missing, ...] = (), part: int = 0) -> Slot:
    assigned = tuple(Assigned(login, "", BY_RULE) for login in logins)
    return Slot(DAY, "day", START, END, assigned, missing, part)


def change(number: int = 1, kind: str = "replace", out: str = "", into: str = "", **more: Any) -> Change:
    hours = {name: START + more.pop(name) * HOUR for name in ("from_at", "to_at") if name in more}
    return Change(number, DAY, more.pop("shift_kind", "day"), ChangeKind(kind), out, into, **hours, **more)


def on(slots: tuple[Slot, ...]) -> list[tuple[str, float, float]]:
    """Return who is on from which hour to which hour of the shift."""
    return [
        (held.login, (one.span(held)[0] - START) / HOUR, (one.span(held)[1] - START) / HOUR)
        for one in slots
        for held in one.assigned
    ]


def test_a_replacement_takes_the_place_and_says_why() -> None:
    laid = apply([slot("x", "y")], [change(4, out="x", into="v", reason="exam", source=ChangeSource.LEAVE)])
    assert on(laid) == [("v", 0, 12), ("y", 0, 12)]
    held = laid[0].assigned[0]
    assert (held.change, held.flags, held.why.rule, held.why.turn) == (4, (Flag.STAND_IN,), "turns", 7)
    assert [str(note) for note in held.why.notes] == ["Change 4: covers for x, who is on leave.", "Reason: exam"]
    assert Why.of(held.why.data()) == held.why
    assert "change" not in BY_RULE.data()


def test_a_replacement_acts_only_where_the_replaced_is_on() -> None:
    """Restated from GoAlert and Grafana: replacing is not removing and adding."""
    rows = [slot("y")]
    gone = [change(out="x", into="v"), change(2, "remove", out="x"), change(3, out="y", into="v", shift_kind="night")]
    assert apply(rows, gone) == tuple(rows)
    assert idle(rows, gone) == tuple(gone)


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        ((0, 12), [("v", 0, 12)]),
        ((1, 12), [("u", 0, 1), ("v", 1, 12)]),
        ((1, 18), [("u", 0, 1), ("v", 1, 12)]),
        ((-5, 3), [("v", 0, 3), ("u", 3, 12)]),
        ((1, 2), [("u", 0, 1), ("v", 1, 2), ("u", 2, 12)]),
        ((12, 20), [("u", 0, 12)]),
    ],
)
def test_a_part_splits_the_shift(bounds: tuple[int, int], expected: list[tuple[str, int, int]]) -> None:
    """Restated from LinkedIn oncall and Grafana: the owner keeps the pieces beside the substitute."""
    laid = apply([slot("u")], [change(out="u", into="v", from_at=bounds[0], to_at=bounds[1])])
    assert on(laid) == expected
    assert laid[0].missing == ()


def test_a_later_change_stands_above_an_earlier_one() -> None:
    changes = [change(1, out="a", into="e"), change(2, out="e", into="f", to_at=6), change(3, out="f", into="a")]
    for rows in permutations(changes):
        assert on(apply([slot("a")], rows)) == [("a", 0, 6), ("e", 6, 12)]


def test_taken_back_by_hand_the_pieces_are_one_again() -> None:
    laid = apply([slot("a")], [change(1, out="a", into="b", from_at=4, to_at=8), change(2, out="b", into="a")])
    assert on(laid) == [("a", 0, 12)]
    assert laid[0].assigned[0].from_at is None


def test_removing_leaves_an_empty_place_that_says_so() -> None:
    laid = apply([slot("a", "b")], [change(1, "remove", out="a", from_at=6)])
    assert on(laid) == [("a", 0, 6), ("b", 0, 12)]
    assert laid[0].missing == (Missing("", Reason.REMOVED, "turns", START + 6 * HOUR, None),)
    added = [change(1, "add", into="z"), change(2, "remove", out="z")]
    assert apply([slot("a")], added) == (slot("a"),), "who was added above the plan leaves no place empty"


def test_adding_fills_the_empty_place_of_the_same_post_first() -> None:
    empty = Missing("network", Reason.NOBODY, "turns")
    laid = apply([slot("a", missing=(empty,))], [change(1, "add", into="n", post="network", to_at=6)])
    assert on(laid) == [("a", 0, 12), ("n", 0, 6)]
    assert laid[0].missing == (Missing("network", Reason.NOBODY, "turns", START + 6 * HOUR, None),)
    other = apply([slot("a", missing=(empty,))], [change(1, "add", into="s", post="system")])
    assert other[0].missing == (empty,)


def test_nobody_is_on_twice() -> None:
    assert on(apply([slot("a", "b")], [change(1, "add", into="a")])) == [("a", 0, 12), ("b", 0, 12)]
    laid = apply([slot("a", "b")], [change(1, out="a", into="b")])
    assert on(laid) == [("b", 0, 12)]
    assert [missing.reason for missing in laid[0].missing] == [Reason.BUSY]


def test_pieces_of_a_shift_are_named_by_their_number() -> None:
    rows = [slot("a"), slot("b", part=1)]
    assert on(apply(rows, [change(out="b", into="c", shift_kind="day.2")])) == [("a", 0, 12), ("c", 0, 12)]


def test_who_stands_in_and_was_added_besides_leaves_the_place_empty_when_taken_off() -> None:
    """Found by random changes: his two stretches had become one, and with it the place he stood in for was gone."""
    rows = [
        change(1, "replace", "a", "c", from_at=0, to_at=1),
        change(2, "add", "", "c", from_at=0, to_at=2),
        change(3, "remove", "c", "", from_at=0, to_at=1),
    ]
    laid = apply([slot("a", "b")], rows)[0]
    first = [laid.span(each) for each in laid.missing]
    assert (START, START + HOUR) in first


changes = st.builds(
    change,
    st.integers(1, 9),
    st.sampled_from(["replace", "add", "remove"]),
    st.sampled_from("abcd"),
    st.sampled_from("abcd"),
    from_at=st.integers(-2, 11),
    to_at=st.integers(1, 14),
)


@given(st.lists(changes, max_size=5, unique_by=lambda each: each.id))
def test_what_holds_for_every_overlay(rows: list[Change]) -> None:
    """Every instant of every place is filled or missing, nobody is on twice, the order of rows does not matter."""
    laid = apply([slot("a", "b")], rows)
    assert apply([slot("a", "b")], rows[::-1]) == laid
    one = laid[0]
    added = sum(row.kind is ChangeKind.ADD for row in rows)
    for hour in range(12):
        at = START + hour * HOUR
        here = [held.login for held in one.assigned if one.span(held)[0] <= at < one.span(held)[1]]
        empty = [held for held in one.missing if one.span(held)[0] <= at < one.span(held)[1]]
        assert len(here) == len(set(here))
        assert 2 <= len(here) + len(empty) <= 2 + added
    for held in (*one.assigned, *one.missing):
        assert START <= one.span(held)[0] < one.span(held)[1] <= END
    working = [row for row in rows if row not in idle([slot("a", "b")], rows)]
    assert apply([slot("a", "b")], working) == laid, "idle changes change nothing"
