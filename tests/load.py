"""Many writers at once on one desk, each a process that tells what was confirmed to it, and how long it took."""

from __future__ import annotations

import contextlib
import multiprocessing
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count

from dutydesk.domain import clock
from dutydesk.domain.errors import DeskError
from dutydesk.domain.rounds import Found
from dutydesk.services import drafts, incident_new, incident_work, log, operations, people, rounds
from dutydesk.services.core import Actor
from dutydesk.storage import chain, engine
from dutydesk.storage.models.desk import Draft
from dutydesk.storage.models.incidents import Incident, IncidentEvent
from dutydesk.storage.models.log import LogEntry
from dutydesk.storage.models.rounds import Round, RoundAnswer

LOGINS = ("eng-a", "eng-b", "eng-c", "eng-d")
KINDS = ("line", "draft", "answer", "note", "incident")
WEIGHTS = (4, 4, 6, 2, 1)
"""How often each is written: readings most, incidents least."""
_fork = multiprocessing.get_context("fork")

Call = Callable[[Callable[..., object], tuple[object, ...], dict[str, object]], object]
"""How a writer calls a use case: directly, or as the console does."""


def directly(function: Callable[..., object], args: tuple[object, ...], kwargs: dict[str, object]) -> object:
    """Call a use case, nothing around it."""
    return function(*args, **kwargs)


@dataclass
class Told:
    """What one writer has to tell: texts confirmed to it with their kind, seconds of each, sentences, anything else."""

    writer: int
    confirmed: list[tuple[str, str]] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    unheard: list[str] = field(default_factory=list)
    """Texts whose writing ended with a sentence: none of them may be there."""
    failed: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Report:
    """What all writers told, and how often the chain was verified meanwhile."""

    told: tuple[Told, ...]
    seconds: float
    verified: int

    @property
    def confirmed(self) -> list[tuple[str, str]]:
        """Return every (kind, text) that was confirmed."""
        return [each for told in self.told for each in told.confirmed]

    @property
    def longest(self) -> float:
        """Return the longest that anybody waited for one write, in seconds."""
        return max(max(told.seconds) for told in self.told if told.seconds)

    def lines(self) -> Iterator[str]:
        """Yield the report for people."""
        waits = sorted(seconds for told in self.told for seconds in told.seconds)
        writes = [len(told.confirmed) for told in self.told]
        pace = sum(writes) / self.seconds
        yield f"{sum(writes)} writes of {len(writes)} writers in {self.seconds:.1f} s: {pace:.0f} a second"
        yield f"a writer: {min(writes)} to {max(writes)}; the chain was verified {self.verified} times meanwhile"
        yield f"wait, all: p50 {_at(waits, 50):.0f} p99 {_at(waits, 99):.0f} max {waits[-1] * 1000:.0f} ms"
        worst = [sorted(told.seconds) for told in self.told if told.seconds]
        yield (
            f"wait, worst writer: p50 {max(_at(each, 50) for each in worst):.0f} "
            f"p99 {max(_at(each, 99) for each in worst):.0f} ms"
        )
        refused = Counter(sentence for told in self.told for sentence in told.refused)
        yield from (f"refused {times}×: {sentence}" for sentence, times in refused.items())


def _at(ordered: list[float], percent: int) -> float:
    return 1000 * ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


class Writer:
    """Somebody at a console who writes one thing after another; every text is its own."""

    def __init__(self, number: int, call: Call = directly) -> None:
        self.told = Told(number)
        self.who = people.identify(LOGINS[number % len(LOGINS)], terminal=f"pts/{number}", console=f"load-{number}")
        self._call = call
        self._dice = random.Random(number)
        self._numbers = count()
        self._incident = _first_incident()
        self._round, self._items = _round_and_items(self.who)

    def once(self) -> None:
        """Write one thing; what is confirmed is told, and what is refused with its sentence."""
        kind = self._dice.choices(KINDS, WEIGHTS)[0]
        text = f"{kind} {self.told.writer}-{next(self._numbers)} 值班"
        began = time.perf_counter()
        try:
            self._write(kind, text)
        except DeskError as error:
            self.told.refused.append(str(error))
            self.told.unheard.append(text)
        except Exception as error:
            self.told.failed.append(f"{type(error).__name__}: {error}")
        else:
            self.told.confirmed.append((kind, text))
        self.told.seconds.append(time.perf_counter() - began)

    def _write(self, kind: str, text: str) -> None:
        args: tuple[object, ...]
        function: Callable[..., object]
        kwargs: dict[str, object] = {}
        if kind == "line":
            function, args = log.write, (text,)
        elif kind == "draft":
            function, args = drafts.keep, (f"load-{self.told.writer}", {"text": text})
        elif kind == "answer":
            function, args = rounds.answer, (self._round, self._dice.choice(self._items), Found.ABNORMAL)
            kwargs = {"note": text}
        elif kind == "note":
            function, args = incident_work.note, (self._incident, text)
        else:
            function, args = incident_new.open_incident, (incident_new.NewIncident(text),)
        self._call(function, (self.who, *args), kwargs)


def prepare(target: str) -> None:
    """Give a fresh test desk an incident to add notes to."""
    engine.connect(target)
    who = people.identify(LOGINS[0])
    incident_new.open_incident(who, incident_new.NewIncident("load"))
    engine.disconnect()


def _first_incident() -> int:
    return int(Incident.select(Incident.id).order_by(Incident.id).tuples()[0][0])


def _round_and_items(who: Actor) -> tuple[int, list[int]]:
    """Return a round that may be walked now, and its items."""
    now = clock.now()
    row = next(
        each
        for each in Round.select().where((Round.due_at <= now) & (Round.missed_at > now)).order_by(Round.id)
        if each.checklist.code == "room-a"
    )
    asked = rounds.sheet(who, row.id).items
    return row.id, [each.point.id for each in asked if not each.point.condition and each.point.in_service]


# Processes


def run(
    target: str,
    *,
    seconds: float,
    writers: int = 20,
    think: float = 0.0,
    caller: Callable[[str], Call] | None = None,
    meanwhile: Callable[[], object] | None = None,
) -> Report:
    """Let writers write at once for so many seconds, `think` seconds on average between two writes of each.

    `caller` makes, in each process, how it calls; `meanwhile` is called here again and again, by default it verifies
    the chain. Raises AssertionError when a process dies.
    """
    engine.disconnect()
    frozen = clock.now()
    channel = _fork.SimpleQueue()
    begin = _fork.Barrier(writers + 1)
    started = [
        _fork.Process(target=_process, args=(target, number, frozen, seconds, think, begin, channel, caller))
        for number in range(writers)
    ]
    for process in started:
        process.start()
    begin.wait(60)
    began, verified = time.monotonic(), 0
    ask = meanwhile or _verifier(target)
    told: list[Told] = []
    while len(told) < writers:
        if time.monotonic() - began < seconds:
            ask()
            verified += 1
        elif channel.empty():
            assert all(process.is_alive() or process.exitcode == 0 for process in started), "a writer died"
            time.sleep(0.01)
        while not channel.empty():
            told.append(channel.get())
    took = time.monotonic() - began
    for process in started:
        process.join(30)
    engine.disconnect()
    return Report(tuple(sorted(told, key=lambda each: each.writer)), took, verified)


def _verifier(target: str) -> Callable[[], None]:
    engine.connect(target)
    heads = [0]

    def verify() -> None:
        verdict = operations.verify()
        assert verdict.broken is None, verdict.broken
        assert verdict.head_seq >= heads[0], "the chain grew shorter"
        heads[0] = verdict.head_seq
        time.sleep(0.1)

    return verify


def _process(
    target: str,
    number: int,
    now: int,
    seconds: float,
    think: float,
    begin: object,
    channel: object,
    caller: Callable[[str], Call] | None,
) -> None:
    clock.use(lambda: now)
    call = caller(target) if caller else directly
    engine.connect(target)
    writer = Writer(number, call)
    dice = random.Random(-number)
    begin.wait(60)  # type: ignore[attr-defined]
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if think:
            time.sleep(min(dice.expovariate(1 / think), max(0.0, end - time.monotonic())))
        writer.once()
    with contextlib.suppress(DeskError):
        engine.disconnect()
    channel.put(writer.told)  # type: ignore[attr-defined]


# What must be there


def check(target: str, report: Report) -> None:
    """Fail unless every confirmed write is there exactly once, nothing else is, and the chain holds without a gap."""
    failed = [each for told in report.told for each in told.failed]
    assert not failed, failed[:5]
    engine.connect(target)
    try:
        verdict = chain.verify()
        assert verdict.broken is None, verdict.broken
        assert verdict.entries == verdict.head_seq
        stored = _stored()
        wanted = [each for each in report.confirmed if each[0] != "draft"]
        assert Counter(stored) == Counter(wanted), _difference(stored, wanted)
        _check_drafts(report)
    finally:
        engine.disconnect()


def _stored() -> list[tuple[str, str]]:
    columns = {
        "line": LogEntry.text,
        "answer": RoundAnswer.note,
        "note": IncidentEvent.text,
        "incident": Incident.title,
    }
    return [
        (kind, text)
        for kind, column in columns.items()
        for (text,) in column.model.select(column).where(column.startswith(f"{kind} ")).tuples()
    ]


def _difference(stored: list[tuple[str, str]], wanted: list[tuple[str, str]]) -> str:
    lost, more = Counter(wanted) - Counter(stored), Counter(stored) - Counter(wanted)
    return f"lost: {list(lost)[:5]}; not confirmed, or twice: {list(more)[:5]}"


def _check_drafts(report: Report) -> None:
    found = dict(Draft.select(Draft.form, Draft.data).tuples())
    for told in report.told:
        kept = [text for kind, text in told.confirmed if kind == "draft"]
        if kept:
            assert kept[-1] in found[f"load-{told.writer}"]
