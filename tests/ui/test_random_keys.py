"""Random keys on every screen and every form: the console lives, never stalls, and nothing typed is lost.

`DUTYDESK_KEYS=SEED` presses the keys of one seed again, `DUTYDESK_KEYS_COUNT` says how many.
"""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from dutydesk.domain import clock
from dutydesk.storage import chain, engine
from dutydesk.ui.app import DeskApp
from tests.hostile_fields import World, fill
from tests.services.conftest import make_desk
from tests.ui.conftest import START, Seen
from tests.ui.monkey import Monkey
from tests.ui.other_terminal import OtherTerminal
from tests.watchdog import Watchdog

ONCE = settings(
    max_examples=1,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
SEEDS = st.integers(1, 2**48) if "DUTYDESK_KEYS" not in os.environ else st.just(int(os.environ["DUTYDESK_KEYS"]))
SHORT, LONG = 70, int(os.environ.get("DUTYDESK_KEYS_COUNT", 10_000))
WHO = ["chief", "eng-a", "reader", None]
WINDOWS = [((80, 24), "zh"), ((120, 40), "en")]


@pytest.fixture(scope="module")
def full_desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a desk with something of everything on it."""
    path = tmp_path_factory.mktemp("keys") / "full.sqlite"
    make_desk(path)
    engine.connect(str(path))
    with clock.frozen(START):
        fill(World())
    engine.disconnect()
    return path


@pytest.fixture(scope="module")
def other() -> Iterator[OtherTerminal]:
    """Return another terminal that writes to the desk meanwhile."""
    with OtherTerminal() as terminal:
        yield terminal


Sitting = tuple[str | None, str, tuple[int, int]]
"""Who sits there, the language, the window."""


async def pressed(desk: Path, other: OtherTerminal, dog: Watchdog, sitting: Sitting, seed: int, n: int) -> set[str]:
    """Press `n` times random keys of one seed, at as many consoles as it takes; return the screens that were seen."""
    who, lang, size = sitting
    dice, left, visited = random.Random(f"{seed} {who} {lang} {size}"), n, set()
    with clock.frozen(START) as move:
        while left > 0:
            app = DeskApp(str(desk), login=who, lang=lang)
            async with app.run_test(size=size) as pilot:
                monkey = Monkey(Seen(pilot), dice, desk, dog, other.write, move, visited=visited)
                await monkey.seen.until(lambda app=app: app.shown is not None and app.shown.is_shown)
                left -= await monkey.run(left)
                if not monkey.over and who is not None:
                    await monkey.come_back()
            assert app._exception is None
            assert not app.farewell
    engine.connect(str(desk))
    verdict = chain.verify()
    engine.disconnect()
    assert verdict.broken is None, f"{verdict.broken} seed {seed}"
    return visited


@pytest.mark.parametrize(
    ("who", "size", "lang"),
    [("chief", *WINDOWS[1]), ("eng-a", *WINDOWS[0]), ("reader", *WINDOWS[1]), (None, *WINDOWS[0])],
)
@given(seed=SEEDS)
@ONCE
async def test_random_keys(
    full_desk: Path,
    tmp_path: Path,
    other: OtherTerminal,
    watchdog: Watchdog,
    who: str | None,
    size: tuple[int, int],
    lang: str,
    seed: int,
) -> None:
    desk = Path(shutil.copy(full_desk, tmp_path / "desk.sqlite"))
    seen = await pressed(desk, other, watchdog, (who, lang, size), seed, SHORT)
    assert len(seen) > (0 if who is None else 4), seen


@pytest.mark.soak
@pytest.mark.parametrize(("size", "lang"), [*WINDOWS, ((120, 40), "zh"), ((80, 24), "en")])
@pytest.mark.parametrize("who", WHO)
@given(seed=SEEDS)
@settings(ONCE, derandomize=False)
async def test_ten_thousand_random_keys(
    full_desk: Path,
    tmp_path: Path,
    other: OtherTerminal,
    watchdog: Watchdog,
    who: str | None,
    size: tuple[int, int],
    lang: str,
    seed: int,
) -> None:
    desk = Path(shutil.copy(full_desk, tmp_path / "desk.sqlite"))
    print(f"seed {seed}")
    await pressed(desk, other, watchdog, (who, lang, size), seed, LONG)
