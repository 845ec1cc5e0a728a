"""The house keeps its order: imports run one way, nothing heavy is imported early, everything has Chinese."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dutydesk.locale import compile as catalogues

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "dutydesk"
MAY_IMPORT = {
    "domain": {"domain"},
    "storage": {"storage", "domain"},
    "services": {"services", "storage", "domain"},
    "locale": {"locale", "domain"},
    "integrations": {"integrations", "services", "domain", "locale"},
    "cli": {"cli", "integrations", "services", "storage", "domain", "locale", "demo"},
    "ui": {"ui", "integrations", "services", "storage", "domain", "locale"},
    "demo": {"demo", "services", "storage", "domain", "locale"},
}
KNOWN_CROSSINGS = {("cli", "ui"), ("services", "locale"), ("storage", "locale")}
"""`cli` starts the console; a log line is kept in the desk's own language, which `services` and `storage` look up."""


def imports(path: Path) -> Iterator[tuple[str, bool]]:
    """Yield every dutydesk package that a module imports, and whether it does so at its top level."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    top = {id(node) for node in tree.body}
    typing_only = {
        id(child)
        for node in tree.body
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for child in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        names = []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module] if node.module != "dutydesk" else [f"dutydesk.{each.name}" for each in node.names]
        elif isinstance(node, ast.Import):
            names = [each.name for each in node.names]
        for name in names:
            parts = name.split(".")
            if parts[0] == "dutydesk" and len(parts) > 1:
                yield parts[1], id(node) in top
            elif parts[0] != "dutydesk":
                yield f"!{parts[0]}", id(node) in top


@pytest.mark.parametrize("layer", sorted(MAY_IMPORT))
def test_imports_run_one_way(layer: str) -> None:
    crossings = {
        (str(path.relative_to(ROOT)), package)
        for path in (PACKAGE / layer).rglob("*.py")
        for package, _top in imports(path)
        if not package.startswith("!")
        and package in MAY_IMPORT
        and package not in MAY_IMPORT[layer]
        and (layer, package) not in KNOWN_CROSSINGS
    }
    assert not crossings


def test_the_domain_stands_on_the_standard_library_and_arrow() -> None:
    allowed = sys.stdlib_module_names | {"arrow"}
    outside = {
        (path.name, package)
        for path in (PACKAGE / "domain").rglob("*.py")
        for package, _top in imports(path)
        if package.startswith("!") and package[1:] not in allowed
    }
    assert not outside


@pytest.mark.parametrize(
    ("imported", "never"),
    [
        ("dutydesk.services.shift, dutydesk.services.handover, dutydesk.services.incidents", "textual"),
        ("dutydesk.__main__, dutydesk.cli.now, dutydesk.cli.log", "textual"),
        ("dutydesk.services.people", "argon2"),
        ("dutydesk.ui.app, dutydesk.ui.screens.shift", "plotext"),
        ("dutydesk.ui.app, dutydesk.ui.screens.shift", "argon2"),
        ("dutydesk.storage.models", "psycopg"),
    ],
)
def test_what_is_not_needed_is_not_imported(imported: str, never: str) -> None:
    code = f"import sys\nimport {imported}\nsys.exit({never!r} in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr or f"{imported} imports {never}"


def test_every_message_has_chinese_and_the_catalogue_is_current() -> None:
    assert catalogues.main(["--check"]) == 0


def test_every_module_tells_what_it_is() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in PACKAGE.rglob("*.py")
        if path.read_text(encoding="utf-8").strip()
        and not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert not silent


def test_the_project_names_no_machine_path() -> None:
    texts = [*PACKAGE.rglob("*.py"), *(ROOT / "docs").glob("*.md"), ROOT / "README.md", ROOT / "Makefile"]
    found = [str(path) for path in texts if path.exists() and "/work/" in path.read_text(encoding="utf-8")]
    assert not found
