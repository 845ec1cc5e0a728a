"""Who may do what, read from the code: every function of the services, its rule, and what it takes and does.

`python -m tests.permissions` writes docs/PERMISSIONS.md anew; a test holds the page to the code.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from dutydesk import services
from dutydesk.domain.people import Role
from dutydesk.services import core
from tests.terminal.harness import ROOT

PAGE = ROOT / "docs" / "PERMISSIONS.md"
ABOVE = ("ui", "cli", "integrations")
"""The layers that ask services."""
_WRITING = {"record", "create", "change", "insert", "insert_many", "update", "delete", "delete_instance", "save"}
"""What a function calls that writes."""
_MAPPINGS = {"update"}
"""Those of them that sets and mappings have too: a class must be asked."""


@dataclass(frozen=True)
class Function:
    """A function or method of the services: its dotted name, whether it takes an actor, whether it writes itself."""

    name: str
    call: Callable[..., Any]
    takes_actor: bool
    writes: bool

    @property
    def rule(self) -> core.Rule | None:
        """Return the rule that the code marks it with."""
        return core.RULES.get(self.name)


def modules(package: ModuleType = services) -> Iterator[ModuleType]:
    """Yield every module of the services, those in folders too."""
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        yield importlib.import_module(found.name)


def functions(module: ModuleType) -> Iterator[Function]:
    """Yield the public functions of a module and the public methods of its classes, of whatever kind."""
    for name, member in vars(module).items():
        if name.startswith("_") or getattr(member, "__module__", None) != module.__name__:
            continue
        if inspect.isfunction(member):
            yield _function(f"{module.__name__}.{name}", member)
        elif inspect.isclass(member):
            for method, held in vars(member).items():
                call = getattr(held, "__func__", getattr(held, "fget", held))
                if not method.startswith("_") and inspect.isfunction(call):
                    yield _function(f"{module.__name__}.{name}.{method}", call)


def _function(name: str, call: Callable[..., Any]) -> Function:
    plain = inspect.unwrap(call)
    parameters = inspect.signature(plain).parameters.values()
    takes = any(each.name in ("who", "actor") or "Actor" in str(each.annotation) for each in parameters)
    return Function(name, call, takes, _writes(plain))


def _writes(call: Callable[..., Any]) -> bool:
    """Whether a function writes by its own hand: calls that do, on whatever they are called."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(call)))
    except (OSError, SyntaxError):  # a method that a dataclass made
        return False
    return any(_is_write(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call))


def _is_write(called: ast.expr) -> bool:
    if isinstance(called, ast.Name):
        return called.id in _WRITING
    if not isinstance(called, ast.Attribute) or called.attr not in _WRITING:
        return False
    on = called.value
    name = on.id if isinstance(on, ast.Name) else on.attr if isinstance(on, ast.Attribute) else ""
    return called.attr not in _MAPPINGS or name[:1].isupper() or name == "row"


def every() -> list[Function]:
    """Return every public function and method of the services, by name."""
    return sorted((each for module in modules() for each in functions(module)), key=lambda each: each.name)


def unruled(listed: Iterable[Function]) -> set[str]:
    """Return those that act for somebody or write, and that no rule guards."""
    return {each.name for each in listed if (each.takes_actor or each.writes) and each.rule is None}


def reached() -> set[str]:
    """Return the functions of services that screens, commands and exports name, where they are defined."""
    found: set[str] = set()
    for layer in ABOVE:
        for path in (ROOT / "dutydesk" / layer).rglob("*.py"):
            found |= _named_in(ast.parse(path.read_text(encoding="utf-8")))
    return found


def _named_in(tree: ast.Module) -> set[str]:
    known, found = {module.__name__ for module in modules()}, set[str]()
    imported: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(services.__name__):
            for name in node.names:
                whole = f"{node.module}.{name.name}"
                if whole in known:
                    imported[name.asname or name.name] = whole
                else:
                    found |= _defined(str(node.module), name.name)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in imported:
            found |= _defined(imported[node.value.id], node.attr)
    return found


def _defined(module: str, name: str) -> set[str]:
    member = getattr(importlib.import_module(module), name, None)
    return {f"{member.__module__}.{member.__name__}"} if inspect.isfunction(member) else set()


# The page


def page() -> str:
    """Return docs/PERMISSIONS.md as the code has it."""
    lines = [
        "# Who may do what",
        "",
        "Written by `python -m tests.permissions` from the rules in the code; a test compares the two. Every call is",
        "checked, whichever screen or command it comes from, against the role that the person has at that moment.",
        "",
        "● may · – may not · *signs* asks for the PIN · *open* works before anybody has signed in",
    ]
    by_module: dict[str, list[Function]] = {}
    for each in every():
        if each.rule is not None:
            by_module.setdefault(each.name.rpartition(".")[0], []).append(each)
    for module, listed in sorted(by_module.items()):
        heads = " | ".join(role.value for role in Role)
        lines += ["", f"## {module.rpartition('.')[2]}", "", f"| function | kind | {heads} | does |"]
        lines.append(f"|---|---|{'---|' * len(Role)}---|")
        lines += [_line(each) for each in listed]
    return "\n".join(lines) + "\n"


def _line(function: Function) -> str:
    rule = function.rule
    assert rule is not None
    marks = " | ".join("●" if role in rule.roles else "–" for role in Role)
    about = (inspect.getdoc(function.call) or "").splitlines()[0].replace("|", "\\|")
    return f"| `{function.name.rpartition('.')[2]}` | {_kind(function, rule)} | {marks} | {about} |"


def _kind(function: Function, rule: core.Rule) -> str:
    parameters = list(inspect.signature(function.call).parameters)
    if not function.takes_actor:
        return "open"
    if rule.writes:
        return "signs" if parameters[1:2] == ["pin"] else "writes"
    return "reads"


def main() -> int:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
