"""Addresses that people are told at, and what follows from how a try ended."""

from __future__ import annotations

import pytest

from dutydesk.domain.channels import KINDS, MAIL, TRIES, WAITS, Outcome, Status, Trouble, next_step, read_address
from dutydesk.domain.errors import Invalid


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (" eng-a@example.com ", MAIL),
        ("mailtos://u:p@example.com?to=a@example.com", "mailtos"),
        ("WeComBot://KEY", "wecombot"),
        ("jsons://host:8443/path?+X-Token=abc", "jsons"),
    ],
)
def test_what_is_an_address(text: str, kind: str) -> None:
    assert read_address(text).kind == kind
    assert read_address(text).text == text.strip()


@pytest.mark.parametrize(
    "text",
    ["", "eng-a", "a@b", "a b@example.com", "json://", "json:// x", "json://h/ and more", "jsons://h\x1b[2J/",
     "json://h/\u202ex", "x" * 3000, "json://" + "x" * 3000, "file:///etc/passwd", "syslog://", "dbus://x", "windows://x",
     "macosx://x", "json://h/?attach=/etc/passwd", "mailto://u:p@h?pgpkey=/etc/x", "jsons://h/?proxy=x",
     "wecombot://KEY&image=/etc/x?image=/etc/x"],
)  # fmt: skip
def test_what_is_none_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_address(text)
    assert refused.value.field == "address"
    assert not text or text not in str(refused.value)


def test_nothing_that_touches_this_machine_is_taken() -> None:
    assert not KINDS & {
        "file",
        "syslog",
        "rsyslog",
        "dbus",
        "qt",
        "kde",
        "glib",
        "gnome",
        "windows",
        "macosx",
        "script",
    }


def test_only_what_certainly_did_not_arrive_is_tried_again() -> None:
    again = {trouble for trouble in Trouble if next_step(Outcome(trouble), 1, 0)[0] is Status.WAITING}
    assert again == {Trouble.UNREACHABLE, Trouble.REFUSED, Trouble.NO_MAIL, Trouble.OLD, Trouble.REMOVED}
    assert next_step(Outcome(), 1, 0) == (Status.SENT, None)
    for trouble in (Trouble.SILENT, Trouble.CRASHED):
        assert next_step(Outcome(trouble), 1, 0) == (Status.UNSURE, None)


def test_the_waits_grow_and_end() -> None:
    steps = [next_step(Outcome(Trouble.REFUSED), tries, 0) for tries in range(1, TRIES + 1)]
    assert [wait for _status, wait in steps] == [*WAITS, None]
    assert list(WAITS) == sorted(WAITS)
    assert steps[-1][0] is Status.FAILED
