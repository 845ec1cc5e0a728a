"""Notices on their way out: told once at most, whoever delivers, whatever breaks. Source: REQUIREMENTS A9, C9."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import Any

import pytest

from dutydesk.domain import clock
from dutydesk.domain.channels import LEASE, TOO_OLD, TRIES, WAITS, Outcome, Status, Trouble
from dutydesk.domain.errors import Invalid, NotFound, Refused
from dutydesk.domain.words import N_
from dutydesk.services import channels, delivery, notices, people
from dutydesk.services.core import Actor
from dutydesk.services.delivery import Job
from dutydesk.storage import chain
from dutydesk.storage.models.audit import AuditEntry
from dutydesk.storage.models.delivery import Channel, Delivery
from tests.services.conftest import Clock

SECRET = "https-is-not-shown"
HOOK = f"json://127.0.0.1:9/{SECRET}"
TOLD = N_("This is a test: you are told here what concerns you.")


def tell(who: Actor, person: Actor) -> None:
    notices.tell(who, [person.person_id], TOLD, {})


@pytest.fixture
def system(desk: object, now: Clock) -> Actor:
    """Return the program itself, as a timer runs it."""
    return people.system_actor("console", "")


@pytest.fixture
def told(chief: Actor, eng_a: Actor, system: Actor) -> Actor:
    """Return Eng. A with a channel and a notice."""
    channels.set_addresses(eng_a, "eng-a", (HOOK,))
    tell(chief, eng_a)
    return eng_a


def claimed(system: Actor, name: str = "one") -> Job:
    delivery.prepare(system)
    job = delivery.claim(system, name)
    assert job is not None
    return job


def attempt(system: Actor, outcome: Outcome, name: str = "one") -> Status:
    job = claimed(system, name)
    assert delivery.begin(system, job, name)
    return delivery.finish(system, job, name, outcome)


def entries(action: str) -> list[dict[str, Any]]:
    rows = AuditEntry.select(AuditEntry.values).where(AuditEntry.action == action).order_by(AuditEntry.seq)
    return [json.loads(values) for (values,) in rows.tuples()]


# Channels


def test_an_address_is_a_secret(eng_a: Actor, chief: Actor) -> None:
    set_now = channels.set_addresses(eng_a, "eng-a", (HOOK, "a@example.com"))
    assert [each.kind for each in set_now] == ["json", "mail"]
    assert channels.of(chief, "eng-a") == set_now
    assert entries("channel.set") == [{"login": "eng-a", "kinds": ["json", "mail"]}]
    everything = json.dumps(list(AuditEntry.select(AuditEntry.values, AuditEntry.rows).dicts()), ensure_ascii=False)
    assert SECRET not in everything
    assert "example.com" not in everything
    assert chain.verify().broken is None


def test_one_that_is_taken_away_is_wiped(told: Actor, system: Actor) -> None:
    delivery.prepare(system)
    assert channels.set_addresses(told, "eng-a", ()) == []
    assert Channel.select(Channel.address).scalar() == ""
    assert [each.trouble for each in delivery.deliveries(told)] == [Trouble.REMOVED]
    assert delivery.prepare(system) == 0


def test_one_that_stays_keeps_what_waits(told: Actor, system: Actor) -> None:
    delivery.prepare(system)
    channels.set_addresses(told, "eng-a", ("a@example.com", HOOK))
    assert Channel.select().where(Channel.removed_at.is_null()).count() == 2
    assert claimed(system).address.text == HOOK


def test_who_may_set_whose(eng_a: Actor, eng_b: Actor, chief: Actor, reader: Actor) -> None:
    channels.set_addresses(chief, "eng-a", (HOOK,))
    channels.set_addresses(reader, "reader", (HOOK,))
    for function in (channels.of, channels.test):
        with pytest.raises(Refused, match="Only the supervisor"):
            function(eng_b, "eng-a")
    with pytest.raises(Refused, match="Only the supervisor"):
        channels.set_addresses(eng_b, "eng-a", ())
    with pytest.raises(NotFound):
        channels.set_addresses(chief, "nobody", ())


def test_what_is_no_address_is_refused(eng_a: Actor) -> None:
    with pytest.raises(Invalid):
        channels.set_addresses(eng_a, "eng-a", (HOOK, f"file:///{SECRET}"))
    assert channels.of(eng_a, "eng-a") == []


def test_a_test_needs_a_channel(eng_a: Actor) -> None:
    with pytest.raises(NotFound, match="no channel"):
        channels.test(eng_a, "eng-a")
    with pytest.raises(Invalid, match="at most"):
        channels.set_addresses(eng_a, "eng-a", tuple(f"a{n}@example.com" for n in range(channels.MOST + 1)))


# What is sent, and how often


def test_a_notice_is_lined_up_once_for_each_channel(told: Actor, system: Actor) -> None:
    channels.set_addresses(told, "eng-a", (HOOK, "a@example.com"))
    for _again in range(3):
        assert delivery.prepare(system) == 2
    assert Delivery.select().count() == 2


def test_a_channel_tells_nothing_older_than_itself(chief: Actor, eng_a: Actor, system: Actor, now: Clock) -> None:
    tell(chief, eng_a)
    now.pass_minutes(1)
    channels.set_addresses(eng_a, "eng-a", (HOOK,))
    assert delivery.prepare(system) == 0


def test_what_was_seen_in_the_console_is_not_sent(told: Actor, system: Actor) -> None:
    delivery.prepare(system)
    notices.seen(told, up_to=10**6)
    assert delivery.prepare(system) == 0
    assert [each.status for each in delivery.deliveries(told)] == [Status.SEEN]


def test_the_job_speaks_the_persons_language(told: Actor, system: Actor) -> None:
    people.prefer(told, "lang", "en")
    job = claimed(system)
    assert (job.login, job.lang, job.said.message) == ("eng-a", "en", TOLD)


def test_two_deliverers_never_have_the_same(told: Actor, system: Actor) -> None:
    job = claimed(system, "one")
    assert delivery.claim(system, "two") is None
    assert not delivery.begin(system, job, "two")
    assert delivery.begin(system, job, "one")
    assert not delivery.begin(system, job, "one"), "begun once"


DELIVERER = """
import os, sys
from dutydesk.domain.channels import Outcome
from dutydesk.services import delivery, people
from dutydesk.storage import engine

engine.connect(sys.argv[1])
who, name = people.system_actor("console", ""), str(os.getpid())
print("ready", flush=True)
sys.stdin.readline()
delivery.prepare(who)
while job := delivery.claim(who, name):
    if delivery.begin(who, job, name):
        print(job.id, flush=True)
        delivery.finish(who, job, name, Outcome())
"""


@pytest.mark.commits
def test_two_processes_share_what_waits(desk: object, chief: Actor, eng_a: Actor) -> None:
    """Both line up, both claim, at the same time: each delivery is sent by one of them."""
    with clock.frozen(int(time.time())):
        channels.set_addresses(eng_a, "eng-a", (HOOK, "a@example.com"))
        for _number in range(10):
            tell(chief, eng_a)
    argv = [sys.executable, "-c", DELIVERER, str(desk)]
    both = [subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _each in range(2)]
    assert [each.stdout.readline() for each in both if each.stdout] == ["ready\n", "ready\n"]
    for each in both:
        assert each.stdin is not None
        each.stdin.write("go\n")
        each.stdin.flush()
    sent = [line for each in both for line in each.communicate(timeout=60)[0].split()]
    assert (len(sent), len(set(sent))) == (20, 20)
    assert all(line.status is Status.SENT for line in delivery.deliveries(chief))
    assert len(entries("delivery.tried")) == 20
    assert chain.verify().broken is None


def test_who_was_told_when_and_how_is_in_the_chain(told: Actor, system: Actor) -> None:
    assert attempt(system, Outcome()) is Status.SENT
    notice = notices.mine(told)[0].id
    assert entries("delivery.tried") == [
        {"person": "eng-a", "notice": notice, "how": "json", "result": "sent", "trouble": "", "tries": 1}
    ]
    assert delivery.prepare(system) == 0
    assert chain.verify().broken is None


def test_a_claim_that_was_never_begun_goes_to_another(told: Actor, system: Actor, now: Clock) -> None:
    job = claimed(system, "one")
    now.pass_minutes(LEASE // 60 + 1)
    assert claimed(system, "two").id == job.id
    assert not delivery.begin(system, job, "one")


def test_one_that_was_begun_is_never_sent_again(told: Actor, system: Actor, now: Clock) -> None:
    """The deliverer died between sending and saying so: it may have arrived."""
    job = claimed(system)
    assert delivery.begin(system, job, "one")
    now.pass_minutes(LEASE // 60 + 1)
    assert delivery.prepare(system) == 0
    line = delivery.deliveries(told, troubled=True)[0]
    assert (line.status, line.trouble) == (Status.UNSURE, Trouble.CRASHED)
    assert entries("delivery.tried")[-1]["result"] == "unsure"
    assert delivery.finish(system, job, "one", Outcome()) is Status.SENT, "it was slow, not dead"


@pytest.mark.parametrize("trouble", [Trouble.UNREACHABLE, Trouble.REFUSED, Trouble.NO_MAIL])
def test_what_certainly_did_not_arrive_is_tried_again_later(
    told: Actor, system: Actor, now: Clock, trouble: Trouble
) -> None:
    assert attempt(system, Outcome(trouble)) is Status.WAITING
    for wait in WAITS:
        now.pass_minutes(wait // 60 - 1)
        assert delivery.prepare(system) == 0, "not yet"
        now.pass_minutes(1)
        last = attempt(system, Outcome(trouble))
    assert last is Status.FAILED
    assert len(entries("delivery.tried")) == TRIES
    now.pass_minutes(24 * 60)
    assert delivery.prepare(system) == 0


@pytest.mark.parametrize(("trouble", "status"), [(Trouble.SILENT, Status.UNSURE), (Trouble.ADDRESS, Status.FAILED)])
def test_what_may_have_arrived_or_never_will_is_not_tried_again(
    told: Actor, system: Actor, now: Clock, trouble: Trouble, status: Status
) -> None:
    assert attempt(system, Outcome(trouble)) is status
    now.pass_minutes(24 * 60)
    assert delivery.prepare(system) == 0


def test_nobody_is_told_after_days(told: Actor, system: Actor, now: Clock) -> None:
    delivery.prepare(system)
    now.pass_minutes(TOO_OLD // 60 + 1)
    assert delivery.prepare(system) == 0
    assert [each.trouble for each in delivery.deliveries(told)] == [Trouble.OLD]


def test_the_supervisor_decides_that_one_is_tried_anew(told: Actor, chief: Actor, system: Actor) -> None:
    attempt(system, Outcome(Trouble.SILENT))
    number = delivery.deliveries(chief)[0].id
    with pytest.raises(Refused):
        delivery.again(told, number)
    delivery.again(chief, number)
    assert attempt(system, Outcome()) is Status.SENT
    with pytest.raises(Refused, match="not one that failed"):
        delivery.again(chief, number)
    with pytest.raises(NotFound):
        delivery.again(chief, 10**9)


def test_who_sees_whose(told: Actor, chief: Actor, eng_b: Actor, system: Actor) -> None:
    delivery.prepare(system)
    assert [each.login for each in delivery.deliveries(chief)] == ["eng-a"]
    assert len(delivery.deliveries(told)) == 1
    assert delivery.deliveries(eng_b) == []
