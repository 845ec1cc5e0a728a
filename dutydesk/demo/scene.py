"""The present: a shift running, what burns, what is due soon, and what is in force."""

from __future__ import annotations

from typing import Any

from dutydesk.demo.troubles import Life, Troubles
from dutydesk.demo.world import DAY, HOUR, MINUTE, World, material
from dutydesk.domain import clock
from dutydesk.domain.deadlines import EventClass, Grade
from dutydesk.domain.incidents import Kind, Mode, Source
from dutydesk.domain.priority import Priority
from dutydesk.services import incidents, measures
from dutydesk.services.measures import NewMeasure

FOLLOW_UP = 37 * MINUTE
"""How soon after the present an external user must be called back."""


class Scene:
    """What stands open now; instants count back from the present."""

    def __init__(self, world: World, troubles: Troubles) -> None:
        self.world, self.troubles = world, troubles
        self.now: dict[str, dict[str, Any]] = material("scene")["now"]
        self.ids: dict[str, int] = {}
        plan = {
            "p1": self._steps((3, self._acknowledge), (9, self._note), (10, self._next)),
            "security": self._steps((4, self._acknowledge), (11, self._send), (24, self._note)),
            "slow": self._steps((14, self._acknowledge), (31, self._start), (95, self._note), (96, self._next)),
            "ups": self._steps((9, self._acknowledge), (33, self._start), (70, self._note), (71, self._next)),
            "printer": self._steps((6, self._acknowledge), (15, self._start), (40, self._note)),
            "account": self._steps((21, self._acknowledge)),
            "external": self._steps((12, self._acknowledge), (60, self._note), (61, self._follow)),
        }
        for name, steps in plan.items():
            for after, act in steps:
                world.at(self._begin(name) + after * MINUTE, act, name)
        world.at(self.bypass_since, self._measure, "bypass")
        world.at(self._begin("silenced"), self._measure, "silenced")
        world.at(self._begin("security") + 25 * MINUTE, self._next, "security")
        world.at(self._begin("printer") + 41 * MINUTE, self._next, "printer")

    @property
    def bypass_since(self) -> int:
        """When UPS-2 went on bypass."""
        return self._begin("bypass") + 80 * MINUTE

    def _begin(self, name: str) -> int:
        told = self.now[name]
        ago = told["minutes"] * MINUTE if "minutes" in told else told["hours"] * HOUR
        earliest = self.world.begin + 2 * HOUR + list(self.now).index(name) * 5 * MINUTE
        return max(self.world.now - ago, earliest)

    def _steps(self, *steps: tuple[int, Any]) -> list[tuple[int, Any]]:
        return [(0, self._open), *steps]

    def _open(self, name: str) -> None:
        world, told = self.world, self.now[name]
        template = {"category": "security", **told}
        life = Life(template, Priority.P3, {}, world.text(told["caller"]) if "caller" in told else "")
        more: dict[str, Any] = {"location": world.text(told["location"])} if "location" in told else {}
        if "grade" in told:
            more |= {"kind": Kind.SECURITY, "security_class": EventClass(told["class"])}
            more |= {"security_grade": Grade(told["grade"])}
        if name == "account":
            more |= {"kind": Kind.REQUEST}
        if name == "external":
            more |= {"source": Source.EXTERNAL}
        self.ids[name] = world.writer.open_incident(world.who(), self.troubles.new(life, **more))

    def _acknowledge(self, name: str) -> None:
        self.world.writer.acknowledge(self.world.who(), self.ids[name])

    def _start(self, name: str) -> None:
        self.world.writer.start(self.world.who(), self.ids[name], Mode.REMOTE)

    def _note(self, name: str) -> None:
        self.world.writer.note(self.world.who(), self.ids[name], self.world.text(self.now[name]["note"]))

    def _send(self, name: str) -> None:
        world, told = self.world, self.now[name]
        world.writer.dispatch(world.who(), self.ids[name], world.text(told["who"]), world.text(told["task"]))

    def _next(self, name: str) -> None:
        text = self.world.text(self.now[name]["next_step"])
        self.world.writer.other(incidents.plan, self.world.who(), self.ids[name], next_step=text)

    def _follow(self, name: str) -> None:
        text = self.world.text(self.now[name]["next_step"])
        until = self.world.now + FOLLOW_UP
        self.world.writer.other(incidents.plan, self.world.who(), self.ids[name], next_step=text, follow_up_at=until)

    def _measure(self, name: str) -> None:
        world, told = self.world, self.now[name]
        until = world.now + DAY + 4 * HOUR if name == "bypass" else world.now + 3 * HOUR
        until -= until % HOUR
        incident = self.ids.get("ups") if name == "bypass" else None
        title, detail = world.text(told["title"]), world.text(told["detail"])
        new = NewMeasure(title, told["kind"], detail, until=max(until, clock.now() + HOUR), incident_id=incident)
        world.writer.other(measures.open_measure, world.who(), new)
