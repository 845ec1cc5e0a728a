"""What the instruments show: drifting values with a curve over the day, and episodes in which something is off."""

from __future__ import annotations

import math
from dataclasses import dataclass

from dutydesk.demo.world import DAY, HOUR, World
from dutydesk.domain.rounds import CheckPoint, Found


@dataclass(frozen=True)
class Normal:
    """A reading as it usually is: middle, swing over the day, swing of working days, scatter, drift a day, digits."""

    middle: float
    day: float = 0.0
    work: float = 0.0
    scatter: float = 0.0
    drift: float = 0.0
    digits: int = 1


NORMAL = {
    ("room-a", "ups1-load"): Normal(57, 1.0, 9.0, 0.8, 0.02, 0),
    ("room-a", "ups1-battery"): Normal(99, 0, 0, 0.6, 0, 0),
    ("room-a", "temperature"): Normal(22.4, 0.6, 0.3, 0.2),
    ("room-a", "humidity"): Normal(49, -1.5, 0, 1.4, 0, 0),
    ("room-a", "noise"): Normal(67, 0.5, 0.5, 0.8, 0, 0),
    ("room-a", "gas"): Normal(4.22, 0, 0, 0.01, -0.0006, 2),
    ("room-b", "uplink"): Normal(31, 5, 19, 3.0, 0.03, 0),
    ("room-b", "temperature"): Normal(22.9, 0.5, 0.3, 0.2),
    ("room-b", "humidity"): Normal(54, -2, 0, 2.0, 0, 0),
    ("ups-room", "load"): Normal(46, 1.0, 5.0, 0.8, 0.01, 0),
    ("ups-room", "voltage"): Normal(220.3, 0, 0, 0.6),
    ("ups-room", "battery"): Normal(99, 0, 0, 0.6, 0, 0),
    ("ups-room", "temperature"): Normal(21.8, 0.7, 0, 0.3),
    ("ups-room", "fuel"): Normal(84, 0, 0, 0.3, -0.06, 0),
}
ONE_OFF = {"door": 0.012, "dust": 0.006, "wireless": 0.004, "router": 0.003, "generator": 0.003, "a2-lamps": 0.001}
"""How often a check is abnormal without more to it."""


@dataclass(frozen=True)
class Episode:
    """Something is off for a while: an offset to a reading, or another choice; `incident` names its incident."""

    sheet: str
    code: str
    start: int
    end: int
    offset: float = 0.0
    choice: str = ""
    abnormal: bool = False
    incident: str = ""


_KINDS: tuple[tuple[float, tuple[int, int], tuple[tuple[str, str, float, str, bool, str], ...]], ...] = (
    (1.6, (10, 20), (("room-a", "temperature", 4.4, "", False, ""), ("room-a", "ac", 0, "alarm", False, "ac"))),
    (1.2, (5, 9), (("room-a", "temperature", 3.4, "", False, "temperature"),)),
    (1.0, (30, 50), (("room-a", "ups1-load", 19.0, "", False, "ups1-load"),)),
    (1.8, (7, 10), (("room-a", "fire", 0, "isolated", False, ""),)),
    (1.0, (8, 12), (("room-b", "fw-role", 0, "active", False, "fw-role"),)),
    (2.4, (2, 5), (("room-b", "uplink", 33.0, "", False, "uplink"),)),
    (1.0, (20, 30), (("room-a", "core-switches", 0, "", True, "core-switches"),)),
    (1.0, (20, 40), (("room-a", "a1-lamps", 0, "", True, "a1-lamps"),)),
    (1.0, (30, 60), (("room-b", "humidity", 18.0, "", False, ""),)),
)
"""How often in thirty days, hours long, and what is off: sheet, item, offset, choice, abnormal, incident."""


class Readings:
    """Answers for the instruments and lamps at any instant."""

    def __init__(self, world: World, bypass_since: int) -> None:
        self.world = world
        self.episodes = [Episode("ups-room", "mode", bypass_since, world.now + DAY, choice="bypass")]
        self._plan(world.begin + DAY, world.now - 2 * DAY)

    def _plan(self, first: int, last: int) -> None:
        if last <= first:
            return
        for place, (often, hours, parts) in enumerate(_KINDS):
            chance = self.world.rng("episode", place)
            count = round(often * (last - first) / DAY / 30 + chance.random() - 0.5)
            for _ in range(max(0, count)):
                start = chance.randint(first, last)
                end = start + chance.randint(*hours) * HOUR
                for sheet, code, offset, choice, abnormal, incident in parts:
                    self.episodes.append(Episode(sheet, code, start, end, offset, choice, abnormal, incident))

    def episode(self, sheet: str, code: str, at: int) -> Episode | None:
        """Return what is off with an item at an instant."""
        for each in self.episodes:
            if each.sheet == sheet and each.code == code and each.start <= at < each.end:
                return each
        return None

    def number(self, sheet: str, code: str, at: int) -> float:
        """Return a reading."""
        normal = NORMAL[sheet, code]
        moment = self.world.local(at)
        hour = moment.hour + moment.minute / 60
        value = normal.middle + normal.day * math.sin((hour - 9) / 24 * 2 * math.pi)
        if moment.weekday() < 5:
            value += normal.work * math.exp(-(((hour - 11) / 5) ** 2))
        value += normal.drift * (at - self.world.begin) / DAY
        value += self.world.rng("reading", sheet, code, at).gauss(0, normal.scatter)
        off = self.episode(sheet, code, at)
        if off is not None:
            value += off.offset * min(1.0, (at - off.start) / (2 * HOUR) + 0.4)
        top = 100.0 if code in ("ups1-battery", "battery", "fuel") else math.inf
        return round(min(value, top), normal.digits) if normal.digits else float(round(min(value, top)))

    def check(self, sheet: str, code: str, at: int) -> Found:
        """Return how a lamp, a door, a floor looks."""
        off = self.episode(sheet, code, at)
        one_off = self.world.rng("check", sheet, code, at).random() < ONE_OFF.get(code, 0.0004)
        return Found.ABNORMAL if one_off or (off is not None and off.abnormal) else Found.OK

    def choice(self, sheet: str, point: CheckPoint, at: int) -> str:
        """Return which answer of a choice holds."""
        off = self.episode(sheet, point.code, at)
        if off is not None and off.choice:
            return off.choice
        other = self.world.rng("choice", sheet, point.code, at).random() < ONE_OFF.get(point.code, 0)
        return point.options[1 if other else 0].code
