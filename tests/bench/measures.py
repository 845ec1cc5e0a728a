"""Every measurement of DESIGN 7, each a function that starts what it measures and returns values."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from dutydesk.ui.places import PLACES
from tests.bench import desks, journeys
from tests.bench.bulk import TEN_YEARS, Size
from tests.bench.recorder import Recorder, Settled
from tests.bench.report import Measured, high, middle, ratio
from tests.terminal.harness import ROOT

BARE = ("-m", "tests.bench.bare")
PEEWEE = (
    "import sys; hidden = ('psycopg', 'psycopg2', 'psycopg2cffi', 'pymysql', 'MySQLdb');"
    "sys.modules.update(dict.fromkeys(hidden)); import peewee; [sys.modules.pop(each) for each in hidden]; import sys"
)
"""An installed driver makes `import peewee` alone three times as slow; we would look better beside that."""
DOWN, UP, PAGE_DOWN, PAGE_UP, ESCAPE = "\x1b[B", "\x1b[A", "\x1b[6~", "\x1b[5~", "\x1b"
MONTH = 122
"""How many thirty days there are in ten years."""
SENTENCE = "core switch does not answer since the power cut, two wards are without network "


def console(desk: Path) -> tuple[str, ...]:
    """Return the arguments of a console on `desk`."""
    return ("-m", "dutydesk", "--db", str(desk), "--login", desks.LOGIN)


@contextmanager
def _opened(desk: Path, home: Path) -> Iterator[Recorder]:
    with Recorder.python(*console(desk), home=home) as recorder:
        recorder.await_paint()
        if recorder.process.poll() is not None or "1 " not in recorder.text():
            raise RuntimeError(f"the console did not open:\n{recorder.text()}")
        yield recorder


# Start and size


def start(desk: Path, home: Path, times: int) -> list[Measured]:
    """Compare the console with the bare app, turn by turn: first full paint, and memory after it."""
    paints: dict[str, list[float]] = {"bare": [], "console": []}
    memory: dict[str, list[float]] = {"bare": [], "console": []}
    for turn in range(times + 1):
        for name, words in (("bare", BARE), ("console", console(desk))):
            with Recorder.python(*words, home=home) as recorder:
                recorder.await_paint()
                if turn:
                    paints[name].append(recorder.painted_after())
                    memory[name].append(recorder.rss)
    return [
        ratio("start to first full paint / bare", paints["console"], paints["bare"], "ms", 1.5),
        ratio("memory after paint / bare", memory["console"], memory["bare"], "MB", 1.5),
    ]


def command(desk: Path, home: Path, times: int, *, driver: str = "") -> list[Measured]:
    """Compare `dutydesk now` with importing peewee, turn by turn; peewee without drivers, as on a bare machine.

    With a `driver` also with importing peewee and that one, which a desk on a server cannot do without; no budget.
    """
    now = ("-m", "dutydesk", "--db", str(desk), "--login", desks.LOGIN, "now")
    runs = {"peewee": ("-c", PEEWEE), "now": now} | ({"driver": ("-c", f"{PEEWEE}, {driver}")} if driver else {})
    spent: dict[str, list[float]] = {name: [] for name in runs}
    for turn in range(times + 1):
        for name, words in runs.items():
            took = _run(words, home)
            if turn:
                spent[name].append(took)
    rows = [ratio("dutydesk now / import peewee", spent["now"], spent["peewee"], "ms", 2.0)]
    if driver:
        rows.append(ratio(f"dutydesk now / import peewee, {driver}", spent["now"], spent["driver"], "ms", None))
    return rows


def _run(words: Sequence[str], home: Path) -> float:
    env = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    env |= {"HOME": str(home), "PYTHONPATH": str(ROOT)}
    begin = time.monotonic()
    subprocess.run([sys.executable, *words], cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL)
    return (time.monotonic() - begin) * 1000


# Keys


def _keys(name: str, presses: Sequence[Settled], budget: float | None) -> Measured:
    took = [press.ms for press in presses]
    size = middle(press.bytes for press in presses)
    if not size:
        raise RuntimeError(f"{name}: the keys did nothing")
    detail = f"of {len(took)} keys 95 % within {high(took):.1f} ms; {size:.0f} bytes a key"
    return Measured(name, middle(took), "ms", budget, detail, tuple(took))


def typing(desk: Path, home: Path) -> list[Measured]:
    """Type a sentence into the incident form."""
    with _opened(desk, home) as recorder:
        opened = recorder.press("n", quiet=0.4)
        presses = [recorder.press(letter) for letter in SENTENCE]
        if SENTENCE.strip()[-20:] not in recorder.text():
            raise RuntimeError(f"the sentence is not in the form:\n{recorder.text()}")
    return [
        Measured("incident form opens, first time", opened.ms, "ms", None, f"{opened.bytes} bytes"),
        _keys("typing in a form, a key", presses, 15.0),
    ]


def moving(desk: Path, home: Path, *, keys: int = 150) -> list[Measured]:
    """Open the list of all incidents of a big desk and move in it."""
    with _opened(desk, home) as recorder:
        opened = recorder.press("3", quiet=0.25)
        whole = recorder.press("A", quiet=0.25)
        down = [recorder.press(DOWN) for _ in range(keys)]
        pages = [recorder.press(PAGE_DOWN) for _ in range(keys // 6)]
        up = [recorder.press(UP) for _ in range(keys // 3)]
        end = recorder.press("G", quiet=0.25)
        one = recorder.press("\r", quiet=0.25)
    return [
        Measured("incident list opens, first time", opened.ms, "ms", 500.0, f"{opened.bytes} bytes"),
        Measured("the list of all incidents opens", whole.ms, "ms", 500.0, f"{whole.bytes} bytes"),
        _keys("moving down the list, a key", down, 20.0),
        _keys("moving up the list, a key", up, 20.0),
        _keys("paging down the list, a key", pages, None),
        Measured("the list's other end", end.ms, "ms", 500.0, f"{end.bytes} bytes"),
        Measured("one incident opens, first time", one.ms, "ms", None, f"{one.bytes} bytes"),
    ]


def switching(desk: Path, home: Path, *, rounds: int = 4) -> list[Measured]:
    """Go through the numbered screens, again and again."""
    first: dict[str, Settled] = {}
    later: dict[str, list[float]] = {}
    with _opened(desk, home) as recorder:
        for turn in range(rounds + 1):
            for place in (*PLACES[1:], PLACES[0]):
                press = recorder.press(place.key, quiet=0.2)
                if turn:
                    later.setdefault(place.name, []).append(press.ms)
                else:
                    first[place.name] = press
    every = [ms for each in later.values() for ms in each]
    slowest = max(later, key=lambda name: middle(later[name]))
    detail = f"slowest {slowest} {middle(later[slowest]):.0f} ms; first visits "
    detail += ", ".join(f"{name} {press.ms:.0f}" for name, press in first.items())
    return [Measured("screen switch, second visit", middle(every), "ms", 80.0, detail, tuple(every))]


def months(desk: Path, home: Path, *, keys: int = 24) -> list[Measured]:
    """Open the roster of a ten-year desk and turn its months back."""
    with _opened(desk, home) as recorder:
        opened = recorder.press("6", quiet=0.25)
        presses = [recorder.press(PAGE_UP, quiet=0.1) for _ in range(keys)]
    took = [press.ms for press in presses]
    detail = f"slowest of {keys} {max(took):.0f} ms; first visit {opened.ms:.0f} ms"
    return [Measured("roster of any month, ten years", middle(took), "ms", 150.0, detail, tuple(took))]


# Silence and news


def rest(desk: Path, home: Path, seconds: float = 75) -> list[Measured]:
    """Leave the console alone for a minute and more: only the clock's minute may be written."""
    with _opened(desk, home) as recorder:
        recorder.rest(5)
        size = recorder.rest(seconds)
    return [Measured("bytes at rest, a second", size / seconds, "B/s", 10.0, f"{size} bytes in {seconds:.0f} s")]


def news(desk: Path, home: Path, times: int = 7) -> list[Measured]:
    """Commit in another process and wait until the open console shows it."""
    late: list[float] = []
    with _opened(desk, home) as recorder:
        for turn in range(times):
            text = f"news{turn}x{os.getpid()}"
            words = [sys.executable, "-m", "tests.bench.writer", str(desk), "eng-b", text]
            writer = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True)
            seen = recorder.wait_for_text(text, 10)
            told, _errors = writer.communicate(timeout=10)
            late.append(((seen or time.monotonic()) - float(told)) * 1000)
            recorder.rest(0.1 * turn)
    detail = f"median {middle(late):.0f} ms"
    return [Measured("another process' commit seen, the latest", max(late), "ms", 1000.0, detail, tuple(late))]


# Years


def ten_years() -> Path:
    """Return the ten-year desk."""
    return desks.big("ten-years", TEN_YEARS)


def years(home: Path, times: int = 7) -> list[Measured]:
    """Open every screen of a ten-year desk and of a thirty-day desk, key by key in turn."""
    month = Size(TEN_YEARS.incidents // MONTH, TEN_YEARS.answers // MONTH, TEN_YEARS.log_lines // MONTH, 30)
    found = {"years": ten_years(), "month": desks.big("thirty-days", month)}
    took: dict[tuple[str, str], list[float]] = {}
    whole: list[float] = []
    with ExitStack() as stack:
        opened = {name: stack.enter_context(journeys.opened(desk, home)) for name, desk in found.items()}
        for turn in range(times + 1):
            for journey in journeys.JOURNEYS:
                for name, recorder in opened.items():
                    press = journeys.go(recorder, journey)
                    if turn:
                        took.setdefault((journey.name, name), []).append(press.ms)
            whole.append(journeys.go(opened["years"], journeys.YEAR_OF_CHARTS).ms)
    rows = [
        ratio(f"ten years / thirty days: {each.name}", took[each.name, "years"], took[each.name, "month"], "ms", 1.3)
        for each in journeys.JOURNEYS
    ]
    visits = {each.name: middle(took[each.name, "years"]) for each in journeys.JOURNEYS if each.quiet < journeys.LONG}
    slowest = max(visits, key=lambda name: visits[name])
    detail = f"slowest {slowest} {visits[slowest]:.0f} ms"
    rows.append(Measured("any screen of ten years, second visit", middle(visits.values()), "ms", 80.0, detail))
    rows.append(Measured("charts of 365 days, ten years", middle(whole[1:]), "ms", 500.0, "", tuple(whole[1:])))
    return rows + opening(found, home, times)


def opening(found: dict[str, Path], home: Path, times: int) -> list[Measured]:
    """Start on a ten-year desk and on a thirty-day desk, turn by turn."""
    paints: dict[str, list[float]] = {name: [] for name in found}
    for _ in range(times):
        for name, desk in found.items():
            with _opened(desk, home) as recorder:
                paints[name].append(recorder.painted_after())
    return [ratio("ten years / thirty days: start", paints["years"], paints["month"], "ms", 1.3)]


def lines(home: Path, *, keys: int = 150) -> list[Measured]:
    """Move in the log of the ten-year desk: a million lines."""
    with _opened(ten_years(), home) as recorder:
        opened = recorder.press("4", quiet=0.25)
        down = [recorder.press(DOWN) for _ in range(keys)]
        pages = [recorder.press(PAGE_DOWN) for _ in range(keys // 6)]
        up = [recorder.press(UP) for _ in range(keys // 3)]
        end = recorder.press("G", quiet=0.25)
    return [
        Measured("log of a million lines opens", opened.ms, "ms", 500.0, f"{opened.bytes} bytes"),
        _keys("moving in a million lines, a key", down + up, 20.0),
        _keys("paging in a million lines, a key", pages, None),
        Measured("the other end of a million lines", end.ms, "ms", 500.0, f"{end.bytes} bytes"),
    ]


def copied(desk: Path, folder: Path, name: str) -> Path:
    """Return a copy of a closed desk, so that one measurement does not see what another wrote."""
    return Path(shutil.copy(desk, folder / f"{name}.sqlite"))
