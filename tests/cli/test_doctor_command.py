"""What the doctor says of files, packages, copies, archives and notices; and how it fits a terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dutydesk import locale
from dutydesk.cli import doctor as report
from dutydesk.domain import clock
from dutydesk.domain.channels import Outcome, Trouble
from dutydesk.domain.text import width
from dutydesk.services import channels, delivery, people
from dutydesk.services.core import SYSTEM
from dutydesk.services.doctor_care import ARCHIVE_DAYS, BACKUP_DAYS
from dutydesk.services.doctor_said import Finding, Said
from dutydesk.storage import engine
from tests.cli.conftest import Run
from tests.services.conftest import START

Check = Callable[[str], dict[str, object]]


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "config.toml"
    monkeypatch.setenv("DUTYDESK_CONFIG", str(path))
    return path


@pytest.fixture
def check(run: Run, desk_file: Path) -> Iterator[Check]:
    """Return how to ask for one check of the doctor."""

    def ask(key: str) -> dict[str, object]:
        shown = json.loads(run("doctor", "--json", "--db", desk_file).out)
        found: list[dict[str, object]] = [each for each in shown["checks"] if each["check"] == key]
        return found[0] if found else {}

    yield ask
    engine.disconnect()


def test_a_config_file_that_others_may_write(check: Check, config: Path) -> None:
    assert check("config")["well"]
    config.write_text('lang = "en"\n')
    config.chmod(0o644)
    assert check("config")["well"]
    config.chmod(0o664)
    assert str(check("config")["advice"]).endswith(f"chmod go-w {config}")


def test_where_the_password_comes_from(check: Check, config: Path, tmp_path: Path) -> None:
    assert check("password") == {}
    secret = tmp_path / "secret"
    secret.write_text("s3cr3t\n")
    config.write_text(f'password_file = "{secret}"\n')
    secret.chmod(0o640)
    assert "chmod 600" in str(check("password")["found"])
    secret.chmod(0o600)
    assert check("password")["well"]
    secret.unlink()
    assert "cannot be read" in str(check("password")["found"])


def test_a_password_on_the_command_line_is_seen_by_everybody(run: Run) -> None:
    shown = run("doctor", "--db", "postgresql://desk:s3cr3t@127.0.0.1:1/desk")
    assert "where everybody on this machine sees it" in shown.out
    assert "s3cr3t" not in shown.out + shown.err


def test_own_keys_that_are_not_understood(check: Check, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = tmp_path / "keys.toml"
    monkeypatch.setattr("dutydesk.ui.keymap.keys_file", lambda: keys)
    assert "usual keys" in str(check("keys")["found"])
    keys.write_text('[keys]\n"desk.incident" = "i"\n')
    assert "1 in" in str(check("keys")["found"])
    keys.write_text("[keys\n")
    found = check("keys")
    assert not found["well"]
    assert "line 1: this is not TOML" in str(found["found"])


def test_a_package_is_missed_when_somebody_needs_it(
    check: Check, desk_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    assert check("extras")["well"], "nobody has a channel"
    engine.connect(str(desk_file))
    channels.set_addresses(people.identify("chief"), "eng-a", ("a@example.com",))
    assert "pip install 'dutydesk[notify]'" in str(check("extras")["advice"])


@pytest.mark.parametrize(("key", "days", "words"), [
    ("backup", BACKUP_DAYS, ("backup", "--into")), ("archive", ARCHIVE_DAYS, ("archive", "--into")),
])  # fmt: skip
def test_copies_and_archives_have_an_age(
    check: Check, run: Run, desk_file: Path, tmp_path: Path, key: str, days: int, words: tuple[str, ...]
) -> None:
    assert check(key)["found"] == "none yet"
    with clock.frozen(START + 86400):
        assert not check(key)["well"], "the desk is 41 days old"
    (tmp_path / "kept").mkdir()
    assert run(*words, tmp_path / "kept", "--db", desk_file).code == 0
    assert check(key)["well"]
    with clock.frozen(START + (days * 86400) + 1):
        found = check(key)
    assert not found["well"]
    assert "2026-11-22 14:32" in str(found["found"])
    assert ".timer" in str(found["advice"])


def test_a_young_desk_may_be_without(run: Run, check: Check, tmp_path: Path) -> None:
    made = tmp_path / "new.sqlite"
    run("init", "--db", made, "--policy", "twelve-hour", "--login", "boss")
    shown = json.loads(run("doctor", "--json", "--db", made).out)["checks"]
    assert all(each["well"] for each in shown if each["check"] in ("backup", "archive", "notices"))


def test_notices_that_nobody_delivers_and_those_that_failed(check: Check, desk_file: Path) -> None:
    assert check("notices")["well"]
    engine.connect(str(desk_file))
    chief = people.identify("chief")
    channels.set_addresses(chief, "eng-a", ("a@example.com",))
    channels.test(chief, "eng-a")
    delivery.prepare(SYSTEM)
    assert check("notices")["well"], "it waits since a moment"
    with clock.frozen(START + 2 * 3600):
        assert "dutydesk-notify.timer" in str(check("notices")["advice"])
        engine.connect(str(desk_file))
        job = delivery.claim(SYSTEM, "one")
        assert job is not None
        delivery.begin(SYSTEM, job, "one")
        delivery.finish(SYSTEM, job, "one", Outcome(Trouble.SILENT))
        assert "notify list --troubled" in str(check("notices")["advice"])
    with clock.frozen(START + 10 * 86400):
        assert check("notices")["well"], "what failed long ago is history"


# At 80 columns


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("columns", [80, 120])
def test_the_report_fits(run: Run, desk_file: Path, lang: str, columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything that is wrong at once, on the narrowest terminal: no line is cut, none runs over."""
    monkeypatch.setattr(report, "_columns", lambda: columns)
    shown = run("doctor", "--db", desk_file, "--lang", lang)
    assert all(width(line) <= columns for line in shown.out.splitlines())
    assert "dutydesk backup --into" in " ".join(shown.out.split())
    assert "{" not in shown.out


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_long_advice_is_broken_below_what_was_found(lang: str) -> None:
    locale.use(lang)
    advice = Said("The clock of this machine is {minutes} minutes behind the newest entry: check its time service.")
    finding = Finding("clock", "Clock", False, Said("-"), Said(advice.message, {"minutes": 300}))
    lines = list(report.lines([finding], 60))
    indent = len(lines[0]) - 1 if lang == "en" else None
    assert len(lines) >= 3 or lang == "zh"
    assert all(width(line) <= 60 for line in lines)
    if indent:
        assert all(line.startswith(" " * indent) for line in lines[1:])
