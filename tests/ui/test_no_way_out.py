"""No way leads out of the console: nothing it is made of starts a program, and no key does what Textual would offer.

Who has a key to the desk has the console and nothing else; a pager or an editor would be a shell.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from textual.dom import DOMNode
from textual.widget import Widget

import dutydesk
from dutydesk import ui
from dutydesk.ui.app import DeskApp
from tests.ui.conftest import Seen

HOUSE = Path(dutydesk.__file__).parent
MODULES = {"subprocess", "multiprocessing", "pty", "webbrowser", "pdb", "code", "pydoc"}
STARTS = {
    *(f"import {name}" for name in MODULES),
    *(f"os.{name}" for name in ("system", "popen", "fork", "forkpty", "posix_spawn", "posix_spawnp")),
    *(f"os.{way}{form}" for way in ("exec", "spawn") for form in ("l", "le", "lp", "lpe", "v", "ve", "vp", "vpe")),
    *("asyncio.create_subprocess_exec", "asyncio.create_subprocess_shell", "breakpoint", "eval", "exec"),
    *(".suspend", ".open_url", ".save_screenshot", ".deliver_screenshot", ".deliver_text", ".deliver_binary"),
}
"""What starts a program, or hands the terminal or a file of Textual's to somebody."""
MAY: dict[str, set[str]] = {}
"""Files that may, with what: none so far. What one starts must never be named by who is at the console."""
OUTSIDE = {
    "suspend_process",
    "screenshot",
    "command_palette",
    "open_url",
    "change_theme",
    "show_help_panel",
    "hide_help_panel",
}
"""Actions of Textual's own that lead out of the console or past its commands."""


def _names(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (f"import {alias.name.partition('.')[0]}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield f"import {(node.module or '').partition('.')[0]}"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Attribute):
            yield f".{node.attr}"
            if isinstance(node.value, ast.Name):
                yield f"{node.value.id}.{node.attr}"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id


def test_nothing_starts_a_program() -> None:
    """In no layer, the command line with them."""
    found = {}
    for path in sorted(HOUSE.rglob("*.py")):
        place = str(path.relative_to(HOUSE))
        guilty = STARTS & set(_names(ast.parse(path.read_text(encoding="utf-8")))) - MAY.get(place, set())
        if guilty:
            found[place] = guilty
    assert found == {}


def _classes() -> Iterator[type[DOMNode]]:
    """Yield every screen, dialog and widget of the console, and the app."""
    for module in pkgutil.walk_packages(ui.__path__, f"{ui.__name__}."):
        for _name, each in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            if issubclass(each, (Widget, DeskApp)):
                yield each


def test_no_key_does_what_textual_would_offer() -> None:
    """The bindings of every class, those inherited from Textual with them."""
    for each in set(_classes()):
        for bound in each._merge_bindings().key_to_bindings.values():
            actions = {
                binding.action.partition("(")[0].removeprefix("app.").removeprefix("screen.") for binding in bound
            }
            assert OUTSIDE.isdisjoint(actions), (each, actions)
    assert not DeskApp.ENABLE_COMMAND_PALETTE


@pytest.mark.parametrize("key", ["ctrl+z", "ctrl+backslash", "ctrl+p", "ctrl+q", "ctrl+s", "ctrl+o", "f12"])
async def test_the_keys_that_lead_out_elsewhere(
    desk_file: Path, at: Callable[[int], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    """They do nothing, or open the console's own list of commands, in which none of Textual's stands."""
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.iterdir())
    app = DeskApp(str(desk_file), "eng-a", "en")
    async with app.run_test(size=(80, 24)) as pilot:
        seen = Seen(pilot)
        await seen.shows("To do next")
        await seen.press(key)
        assert app.is_running
        assert not any(word in seen.text for word in ("Save screenshot", "Change theme", "Quit the application"))
        assert not type(app.screen).__module__.startswith("textual.")
    assert [path for path in sorted(tmp_path.iterdir()) if path not in before and "sqlite" not in path.name] == []
