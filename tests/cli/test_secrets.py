"""Passwords in files: read only when they are their owner's alone, and never shown."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dutydesk.cli import config
from dutydesk.cli.config import Config
from dutydesk.domain.errors import DeskError, Invalid, NotFound, Refused
from tests.cli.conftest import Run

SECRET = "s3cr3t"
ADDRESS = f"postgresql://desk:{SECRET}@127.0.0.1:1/desk"


def secret_file(folder: Path, text: str = f"{SECRET}\nmore\n", mode: int = 0o600) -> Path:
    path = folder / "password"
    path.write_text(text)
    path.chmod(mode)
    return path


@pytest.fixture
def named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a config file that the program reads."""
    path = tmp_path / "config.toml"
    monkeypatch.setenv("DUTYDESK_CONFIG", str(path))
    return path


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o602])
@pytest.mark.parametrize("key", ["db", "mail"])
def test_a_config_file_with_a_password_is_its_owners_alone(run: Run, named: Path, mode: int, key: str) -> None:
    named.write_text(f'{key} = "{ADDRESS}"\n')
    named.chmod(mode)
    answer = run("now")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err == f"{named} holds a password and others may read it: chmod 600 {named}\n"


def test_a_private_one_is_read_and_its_password_is_never_said(run: Run, named: Path) -> None:
    named.write_text(f'db = "{ADDRESS}"\n')
    named.chmod(0o600)
    assert config.read().db == ADDRESS
    for words in (["now"], ["backup", "copy.sqlite"], ["doctor"], ["doctor", "--json"]):
        answer = run(*words)
        assert SECRET not in answer.out + answer.err, words


def test_one_without_a_password_may_be_read_by_everybody(named: Path, tmp_path: Path) -> None:
    named.write_text('db = "/srv/desk.sqlite"\npassword_file = "password"\n')
    named.chmod(0o644)
    secret_file(tmp_path)
    assert config.password(config.read()) == SECRET, "a relative path starts at the config file"


def test_the_environment_names_the_file_first(named: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = secret_file(tmp_path)
    monkeypatch.setenv("DUTYDESK_PASSWORD_FILE", str(path))
    assert config.password(Config(password_file="/nowhere")) == SECRET
    monkeypatch.delenv("DUTYDESK_PASSWORD_FILE")
    assert config.password(Config()) is None


@pytest.mark.parametrize(
    ("text", "mode", "kind", "says"),
    [
        (SECRET, 0o644, Refused, "chmod 600"),
        (SECRET, 0o610, Refused, "chmod 600"),
        ("\nsecond line", 0o600, Invalid, "is no password"),
        ("x" * 5000, 0o600, Invalid, "is no password"),
    ],
)
def test_what_is_wrong_with_a_password_file(
    tmp_path: Path, text: str, mode: int, kind: type[DeskError], says: str
) -> None:
    path = secret_file(tmp_path, text, mode)
    with pytest.raises(kind) as refused:
        config.password(Config(password_file=str(path)))
    assert says in str(refused.value)
    assert SECRET not in str(refused.value)


def test_a_password_file_that_is_not_there_or_no_file(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="cannot be read"):
        config.password(Config(password_file=str(tmp_path / "none")))
    os.mkfifo(tmp_path / "pipe", 0o600)
    with pytest.raises(Invalid, match="not a plain file"):
        config.password(Config(password_file=str(tmp_path / "pipe")))


def test_somebody_elses_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = secret_file(tmp_path)
    monkeypatch.setattr(os, "geteuid", lambda: path.stat().st_uid + 4711)
    if path.stat().st_uid == 0:
        os.chown(path, 12345, -1)
    with pytest.raises(Refused, match="belongs to another account"):
        config.password(Config(password_file=str(path)))


def test_what_systemd_hands_over_is_private_by_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = secret_file(tmp_path, mode=0o440)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert config.password(Config(password_file=str(path))) == SECRET
