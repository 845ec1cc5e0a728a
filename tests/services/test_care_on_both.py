"""A desk is looked after in the same way on both engines: doctor, archives, the password of a server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from dutydesk.__main__ import main
from dutydesk.services import doctor
from dutydesk.services.core import Actor
from dutydesk.storage import engine
from tests.services.conftest import Clock

pytestmark = pytest.mark.commits
DESK = {"desk", "schema", "clock", "zone", "people", "backup", "archive", "notices"}


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    """Leave no desk open, and no password behind."""
    yield
    engine.disconnect()
    engine.use_password(None)


def run(*words: object) -> int:
    return main([*map(str, words), "--lang", "en"])


def test_the_doctor_looks_at_what_an_engine_has(desk: Path | str, now: Clock) -> None:
    found = {finding.key: finding for finding in doctor.examine(str(desk))}
    assert set(found) >= DESK
    assert ({"disk", "permissions", "journal", "pages"} <= set(found)) != engine.on_postgres()
    assert found["schema"].well
    assert ("PostgreSQL" if engine.on_postgres() else "SQLite") in found["desk"].found.message


def test_an_archive_is_made_and_compared(
    desk: Path | str, chief: Actor, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    engine.disconnect()
    assert run("archive", "--into", tmp_path, "--db", desk) == 0
    made = next(tmp_path.glob("desk-*.jsonl.gz"))
    capsys.readouterr()
    assert run("archive", "--check", made, "--db", desk, "--json") == 0
    shown = json.loads(capsys.readouterr().out)["archives"][0]
    assert shown["belongs"]
    assert shown["recorded_by"] == shown["last"] + 1
    assert run("verify", "--db", desk) == 0


def test_copies_are_kept_and_noted(
    desk: Path | str, now: Clock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    engine.disconnect()
    (tmp_path / "kept").mkdir()
    for _night in range(3):
        assert run("backup", "--into", tmp_path / "kept", "--keep", "2", "--db", desk) == 0
        now.pass_minutes(24 * 60)
    assert capsys.readouterr().err == ""
    assert [path.name for path in sorted((tmp_path / "kept").iterdir())] == [
        "desk-20261123-143200.sqlite",
        "desk-20261124-143200.sqlite",
    ]
    found = {finding.key: finding for finding in doctor.examine(str(desk))}
    assert found["backup"].found.values["file"] == "desk-20261124-143200.sqlite"


def test_the_password_of_a_server_comes_from_its_file(
    desk: Path | str, now: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file is opened whatever the password; a server is given it, and refused is what is not private."""
    server = engine.on_postgres()
    engine.disconnect()
    secret = tmp_path / "secret"
    secret.write_text("s3cr3t\n")
    monkeypatch.setenv("DUTYDESK_PASSWORD_FILE", str(secret))
    secret.chmod(0o644)
    assert run("now", "--db", desk) == (2 if server else 0)
    assert ("chmod 600" in capsys.readouterr().err) == server
    secret.chmod(0o600)
    given: list[str | None] = []
    monkeypatch.setattr(engine, "use_password", given.append)
    assert run("now", "--db", desk) == 0
    assert set(given) == ({"s3cr3t"} if server else set())
