"""Drafts: what is typed is kept per person and form, outside the chain. Source: REQUIREMENTS D4."""

from __future__ import annotations

from pathlib import Path

import peewee
import pytest

from dutydesk.services import drafts as services
from dutydesk.services.core import Actor
from dutydesk.storage import chain, drafts


def test_a_draft_is_kept_and_replaced(eng_a: Actor) -> None:
    drafts.keep(eng_a.person_id, "incident", {"title": "交换机", "impact": "H"}, 100)
    drafts.keep(eng_a.person_id, "incident", {"title": "交换机 SW1"}, 101)
    assert drafts.find(eng_a.person_id, "incident") == ({"title": "交换机 SW1"}, 101)


def test_drafts_belong_to_one_person_and_one_form(eng_a: Actor, eng_b: Actor) -> None:
    drafts.keep(eng_a.person_id, "incident", {"title": "a"}, 100)
    drafts.keep(eng_a.person_id, "log", {"text": "b"}, 105)
    assert drafts.find(eng_b.person_id, "incident") is None
    assert sorted(name for name, _at in drafts.forms(eng_a.person_id)) == ["incident", "log"]
    drafts.drop(eng_a.person_id, "incident")
    assert drafts.find(eng_a.person_id, "incident") is None
    assert drafts.find(eng_a.person_id, "log") == ({"text": "b"}, 105)


def test_odd_text_comes_back_as_it_was(eng_a: Actor) -> None:
    odd = {"title": "[red]\x1b[2J\u202e 漢字 \U0001f469 \t\n" + "长" * 20_000, "": "", "list": [1, None, True]}
    drafts.keep(eng_a.person_id, "incident", odd, 100)
    assert drafts.find(eng_a.person_id, "incident") == (odd, 100)


def test_a_draft_is_no_record(eng_a: Actor) -> None:
    before = chain.head()
    drafts.keep(eng_a.person_id, "incident", {"title": "a"}, 100)
    drafts.drop(eng_a.person_id, "incident")
    assert chain.head() == before
    assert chain.verify().broken is None


@pytest.mark.files
def test_a_draft_is_on_the_disk_at_once(eng_a: Actor, desk: Path) -> None:
    drafts.keep(eng_a.person_id, "incident", {"title": "a"}, 100)
    other = peewee.sqlite3.connect(str(desk))
    rows = other.execute("select data from draft").fetchall()
    other.close()
    assert rows == [('{"title": "a"}',)]


def test_nobody_has_no_draft(desk: Path) -> None:
    with pytest.raises(peewee.IntegrityError):
        drafts.keep(4711, "incident", {}, 100)


@pytest.fixture
def eng_b(desk: Path, now: object) -> Actor:
    from dutydesk.services import people

    return people.identify("eng-b")


def test_the_newest_of_several_is_found(eng_a: Actor) -> None:
    drafts.keep(eng_a.person_id, "incident", {"title": "a"}, 100)
    drafts.keep(eng_a.person_id, "incident~2", {"title": "b"}, 101)
    drafts.keep(eng_a.person_id, "incidents", {"title": "another form"}, 102)
    assert drafts.newest(eng_a.person_id, "incident") == ("incident~2", {"title": "b"}, 101)
    assert list(drafts.others(eng_a.person_id, "incident")) == [("incident~2", {"title": "b"}), ("incident~3", None)]
    drafts.drop(eng_a.person_id, "incident~2")
    assert drafts.newest(eng_a.person_id, "incident") == ("incident", {"title": "a"}, 100)


def test_what_another_console_holds_is_left_alone(eng_a: Actor) -> None:
    """A draft that this console neither found nor wrote is another one's; a state that is still on its way is not."""
    keep = services.keep_apart
    assert keep(eng_a, "incident", {"title": "a"}, ()) == "incident"
    assert keep(eng_a, "incident", {"title": "ab"}, [{"title": "a"}]) == "incident"
    assert keep(eng_a, "incident", {"title": "x"}, ()) == "incident~2"
    assert keep(eng_a, "incident", {"title": "xy"}, [{"title": "x"}]) == "incident~2"
    assert keep(eng_a, "incident", {"title": "abc"}, [{"title": "a"}, {"title": "ab"}]) == "incident"
    assert [form for form, _at in services.open_forms(eng_a)] == ["incident", "incident~2"]
