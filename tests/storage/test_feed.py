"""The change feed: another process commits, this one knows within a second. Source: REQUIREMENTS D5."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from dutydesk.services import log
from dutydesk.services.core import Actor, take_changes
from dutydesk.storage import drafts
from dutydesk.storage.feed import Change, Feed

pytestmark = pytest.mark.commits

OTHER = """
import sys
from dutydesk.services import log, people
from dutydesk.storage import drafts, engine
engine.connect(sys.argv[1])
who = people.identify("eng-b")
print("ready", flush=True)
for line in sys.stdin:
    word = line.strip()
    if word == "log":
        log.write(who, "from another terminal")
    elif word == "draft":
        drafts.keep(who.person_id, "incident", {"title": "typing"}, 1)
    elif word == "beat":
        people.beat(who)
    print("done", flush=True)
"""


class Other:
    """Another process at the same desk."""

    def __init__(self, desk: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", OTHER, str(desk)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.heard()

    def heard(self) -> None:
        assert self.process.stdout is not None
        assert self.process.stdout.readline().strip()

    def do(self, what: str) -> None:
        """Let it write, and wait until it has."""
        assert self.process.stdin is not None
        print(what, file=self.process.stdin, flush=True)
        self.heard()

    def end(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(10)


@pytest.fixture
def other(desk: Path):  # type: ignore[no-untyped-def]
    """Start another process at the same desk."""
    process = Other(desk)
    yield process
    process.end()


def until_changed(feed: Feed, seconds: float = 1.0) -> frozenset[Change]:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = feed.poll()
        if found:
            return found
        time.sleep(0.02)
    return frozenset()


def test_a_commit_of_another_process_is_seen_within_a_second(eng_a: Actor, other: Other) -> None:
    feed = Feed()
    assert feed.poll() == frozenset()
    other.do("log")
    assert {subject for subject, _key in until_changed(feed)} == {"log"}
    assert feed.poll() == frozenset()


def test_drafts_and_signs_of_life_wake_nobody(eng_a: Actor, other: Other) -> None:
    feed = Feed()
    for what in ("draft", "draft", "beat"):
        other.do(what)
        assert until_changed(feed, 0.15) == frozenset()
    other.do("log")
    assert until_changed(feed)


def test_own_writes_do_not_wake_oneself(eng_a: Actor) -> None:
    feed = Feed()
    log.write(eng_a, "my own")
    drafts.keep(eng_a.person_id, "log", {"text": "x"}, 1)
    assert feed.poll() == frozenset()
    assert {subject for subject, _key in take_changes()} >= {"log"}


def test_nothing_is_lost_between_own_and_foreign_writes(eng_a: Actor, other: Other) -> None:
    feed = Feed()
    other.do("log")
    log.write(eng_a, "my own")
    other.do("log")
    found = until_changed(feed)
    assert len([key for subject, key in found if subject == "log"]) == 3
