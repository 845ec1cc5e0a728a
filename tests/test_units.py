"""The systemd units: systemd takes them, our parser takes what they run, and they may write where they must."""

from __future__ import annotations

import argparse
import shlex
import shutil
import subprocess
from configparser import ConfigParser
from pathlib import Path

import pytest

from dutydesk import __main__ as program
from dutydesk.storage.shipped import data_path

UNITS = sorted(data_path("systemd").iterdir())
SERVICES = [path for path in UNITS if path.suffix == ".service"]
PROGRAM = "/opt/dutydesk/bin/dutydesk"


class Several(dict[str, str]):
    """Options of a unit: one that is given again adds to what it said."""

    def __setitem__(self, key: str, value: object) -> None:
        if isinstance(value, list) and key in self:
            self[key].extend(value)  # type: ignore[attr-defined]
            return
        super().__setitem__(key, value)  # type: ignore[assignment]


def read(path: Path) -> ConfigParser:
    """Read a unit with every value of an option, a line each."""
    unit = ConfigParser(strict=False, interpolation=None, dict_type=Several)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(path.read_text(encoding="utf-8"), str(path))
    return unit


def test_each_job_has_a_service_and_a_timer() -> None:
    names = {path.stem for path in UNITS}
    assert names == {"dutydesk-notify", "dutydesk-backup", "dutydesk-archive"}
    assert {path.name for path in UNITS} == {f"{name}{kind}" for name in names for kind in (".service", ".timer")}


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.stem)
def test_the_program_takes_what_a_unit_runs(path: Path) -> None:
    words = shlex.split(read(path)["Service"]["ExecStart"])
    assert words[0] == PROGRAM
    args: argparse.Namespace = program._parser(program._command(words[1:])).parse_args(words[1:])
    assert callable(args.run)


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.stem)
def test_a_unit_is_shut_in_and_may_write_where_it_must(path: Path) -> None:
    unit = read(path)["Service"]
    assert (unit["User"], unit["UMask"], unit["Type"]) == ("dutydesk", "0077", "oneshot")
    for option in ("NoNewPrivileges", "PrivateTmp", "ProtectHome", "RestrictSUIDSGID"):
        assert unit[option] == "yes"
    assert unit["ProtectSystem"] == "strict"
    writable = unit["ReadWritePaths"].split()
    assert "/var/lib/dutydesk" in writable
    for word in shlex.split(unit["ExecStart"])[1:]:
        if word.startswith("/"):
            assert word in writable


def test_the_folder_of_copies_holds_archives_that_are_never_removed() -> None:
    """`--keep` counts copies alone; both jobs may share a folder."""
    backup, archive = (read(data_path("systemd", f"dutydesk-{name}.service")) for name in ("backup", "archive"))
    assert "--keep" in backup["Service"]["ExecStart"]
    assert "--keep" not in archive["Service"]["ExecStart"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_takes_them(tmp_path: Path) -> None:
    """Checked as they are but for the program, which is not installed here."""
    stand_in = tmp_path / "dutydesk"
    stand_in.write_text("#!/bin/sh\n")
    stand_in.chmod(0o755)
    for path in UNITS:
        text = path.read_text(encoding="utf-8").replace(PROGRAM, str(stand_in))
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    units = [str(tmp_path / path.name) for path in UNITS]
    said = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    ours = [line for line in said.stderr.splitlines() if "dutydesk" in line]
    assert (ours, said.returncode) == ([], 0)
