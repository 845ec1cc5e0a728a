"""Forms as data: what a field reads, keeps, and refuses; no screen."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dutydesk.domain import clock
from dutydesk.domain.errors import Invalid
from dutydesk.domain.words import Named
from dutydesk.ui.forms.spec import (
    Area,
    Check,
    Choice,
    FormSpec,
    Moment,
    Number,
    Option,
    Pick,
    Picked,
    Pin,
    Text,
)
from dutydesk.ui.forms.state import FormState

NOW = int(datetime(2026, 11, 22, 14, 32, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp())


class Level(Named):
    HIGH = "high", "High"
    LOW = "low", "Low"


def refused(field, raw) -> str:
    with pytest.raises(Invalid) as caught:
        field.read(raw)
    assert caught.value.field == field.name
    return str(caught.value)


def test_text_is_cleaned_required_and_limited():
    title = Text("title", "Title", required=True, limit=5)
    assert title.read("  a\x1b[2Jb ") == "ab"
    assert refused(title, "   ") == "This must not be empty."
    assert refused(title, "\u202e\u200b") == "This must not be empty."
    assert refused(title, "123456") == "Too long: 6 characters, 5 at most."
    assert Text("t", "T").read("") == ""


def test_area_keeps_its_lines():
    assert Area("detail", "Details").read("one\r\ntwo  \n") == "one\ntwo"


@pytest.mark.parametrize(
    ("raw", "value"), [("80", 80.0), ("-3.5", -3.5), ("２２，４", 22.4), ("22,4", 22.4), ("+1", 1.0)]
)
def test_number_reads_what_people_type(raw, value):
    assert Number("load", "Load").read(raw) == value


@pytest.mark.parametrize("raw", ["", " "])
def test_an_empty_number_is_none(raw):
    assert Number("load", "Load").read(raw) is None


@pytest.mark.parametrize("raw", ["x", "1 2", "1e9", "nan", "inf", "--1", ".", "1.2.3", "9" * 30, "0x10", "٣x"])
def test_number_refuses_the_rest(raw):
    assert "is not a number" in refused(Number("load", "Load"), raw)


def test_number_bounds_and_whole():
    count = Number("count", "Count", whole=True, low=0, high=20)
    assert count.read("7") == 7
    assert isinstance(count.read("7"), int)
    assert refused(count, "7.5") == "Only whole numbers, not “7.5”."
    assert refused(count, "-1") == "0 at least."
    assert refused(count, "21") == "20 at most."


def test_choice_by_code_and_back():
    impact = Choice("impact", "Impact", Level, required=True)
    assert impact.raw(Level.LOW) == 1
    assert impact.raw("low") == 1
    assert impact.read(1) is Level.LOW
    assert refused(impact, None) == "Choose one."
    assert impact.kept(1) == "low"
    assert impact.restored("low") == 1
    assert impact.restored("gone") is None


def test_check_is_yes_no_or_unanswered():
    told = Check("told", "Told", required=True)
    assert [told.read(told.raw(value)) for value in (True, False)] == [True, False]
    assert refused(told, None) == "Choose one."
    assert [told.restored(told.kept(raw)) for raw in (0, 1, None)] == [0, 1, None]


def test_pick_needs_the_list_unless_it_is_free():
    owner = Pick("owner", "Owner", [(1, "Eng. A"), (2, "Eng. B")], required=True)
    assert owner.read(Picked(2, "Eng. B")) == 2
    assert refused(owner, Picked(None, "Eng. X")) == "Nothing in the list is called “Eng. X”."
    assert refused(owner, Picked()) == "Choose one from the list."
    vendor = Pick("vendor", "Vendor", free=True)
    assert vendor.read(Picked(None, " Some firm ")) == "Some firm"
    assert vendor.raw("Some firm") == Picked("Some firm", "Some firm")


def test_moment_is_the_instant_meant():
    opened = Moment("opened_at", "When")
    with clock.frozen(NOW):
        assert opened.read("14:20") == NOW - 12 * 60
        assert opened.read("-20") == NOW - 20 * 60
        assert "is not a time" in refused(opened, "soonish")
        assert refused(opened, "tomorrow 08:00") == "That is still to come."
        assert refused(opened, "1999-01-01 00:00") == "That is more than a year ago."
        assert opened.read("2025-11-22 14:32") == NOW - 365 * 86_400
        due = Moment("due", "Due", ahead=True)
        assert due.read("+2h") == NOW + 7200
        assert refused(due, "2026-11-21 08:00") == "That has already passed."


def test_a_moment_in_a_draft_is_an_instant_and_not_a_time_of_day():
    opened = Moment("opened_at", "When")
    with clock.frozen(NOW) as move:
        kept = opened.kept("-20")
        move(NOW + 86_400)
        assert opened.parse(opened.restored(kept)) == NOW - 20 * 60
        assert opened.restored(opened.kept("soon")) == "soon"


def test_two_fields_of_one_name_are_a_mistake_at_once():
    with pytest.raises(ValueError, match="title"):
        FormSpec("x", "X", [Text("title", "A")], more=[Text("title", "B")])


# -- the state of an open form ---------------------------------------------------------------------------------------

FORM = FormSpec(
    "incident",
    "Incident",
    [
        Text("title", "Title", required=True),
        Choice("impact", "Impact", Level, default=Level.LOW),
        Text("grade", "Grade", shown_when=lambda values: values["impact"] is Level.HIGH, required=True),
        Moment("opened_at", "When", default=clock.now),
    ],
    more=[Area("detail", "Details"), Pin("pin", "PIN")],
)


def test_an_untouched_form_gives_back_what_it_was_opened_with():
    odd = "two  spaces \u3000"
    state = FormState(FORM, {"title": odd, "opened_at": NOW + 17, "id": 5, "version": 3})
    assert state.collect() == {
        "title": odd,
        "impact": Level.LOW,
        "grade": None,
        "opened_at": NOW + 17,
        "detail": "",
        "pin": None,
        "id": 5,
        "version": 3,
    }
    assert not state.dirty


def test_what_is_not_shown_is_not_asked_for():
    state = FormState(FORM, {"title": "x"})
    assert state.collect() is not None
    state.type("impact", 0)
    assert state.collect() is None
    assert list(state.errors) == ["grade"]


def test_a_pin_never_gets_into_the_draft():
    state = FormState(FORM)
    state.type("pin", "2580")
    assert not state.dirty
    state.type("title", "SW1")
    assert state.kept() == {"title": "SW1"}


def test_a_draft_comes_back_and_typing_meanwhile_is_not_lost():
    state = FormState(FORM)
    state.type("title", "n")
    assert state.restore({"title": "SW1 down", "impact": "high", "gone": 1, "pin": "1", "detail": 7})
    assert state.raws["title"] == "SW1 down n"
    assert state.raws["impact"] == 0
    assert state.raws["pin"] == state.raws["detail"] == ""


def test_a_draft_knows_the_version_it_stands_on():
    state = FormState(FORM, {"title": "x", "version": 3})
    state.type("title", "y")
    assert FormState(FORM, {"title": "x", "version": 3}).overtaken(state.kept()) is False
    assert FormState(FORM, {"title": "z", "version": 4}).overtaken(state.kept()) is True


def test_two_edits_meet_field_by_field():
    state = FormState(FORM, {"title": "SW1 down", "impact": Level.LOW, "detail": "", "version": 3})
    state.type("title", "SW1 down, floor 3")
    theirs = {"title": "SW1 and SW2", "impact": Level.HIGH, "detail": "vendor called", "version": 4}
    contests = state.contests(theirs)
    assert [(each.field.name, each.theirs, each.mine) for each in contests] == [
        ("title", "SW1 and SW2", "SW1 down, floor 3")
    ]
    state.merge(theirs)
    state.type("grade", "x")
    values = state.collect()
    assert values is not None
    assert (values["title"], values["impact"], values["detail"], values["version"]) == (
        "SW1 down, floor 3",
        Level.HIGH,
        "vendor called",
        4,
    )


def test_what_somebody_else_saved_comes_as_the_row_stores_it():
    grades = Pick("grade", "Grade", Level)
    spec = FormSpec("i", "I", [Text("title", "Title"), Choice("impact", "Impact", Level), grades])
    state = FormState(spec, {"title": "SW1 down", "impact": Level.LOW, "version": 3})
    state.type("title", "SW1 down, floor 3")
    state.merge({"title": "SW1", "impact": "high", "grade": "", "kind": "fault", "id": 5, "version": 4})
    values = state.collect()
    assert values == {"title": "SW1 down, floor 3", "impact": Level.HIGH, "grade": None, "version": 4}
    assert isinstance(values["impact"], Level)
    state.merge({"grade": "low"})
    assert isinstance(state.collect()["grade"], Level)


def test_an_option_opens_a_pick_whose_label_cannot_be_looked_up():
    spec = FormSpec("p", "P", [Pick("owner", "Owner", search=None)])
    state = FormState(spec, {"owner": Option(7, "Eng. G")})
    assert state.raws["owner"] == Picked(7, "Eng. G")
    assert state.collect() == {"owner": 7}


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_text_survives_a_draft(title, detail):
    state = FormState(FORM)
    state.type("title", title)
    state.type("detail", detail)
    again = FormState(FORM)
    again.restore(state.kept())
    assert again.raws["title"] == title
    assert again.raws["detail"] == detail
