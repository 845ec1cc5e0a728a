"""`dutydesk init`, `people`, `now`, and what every command shares."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dutydesk.cli import common, config
from dutydesk.domain.people import Role
from dutydesk.domain.sshkeys import fingerprint
from dutydesk.domain.words import Label
from dutydesk.services import attendance, people
from dutydesk.storage import engine
from tests.cli.conftest import Run
from tests.hostile_fields import KEY
from tests.services.conftest import PIN, START


@pytest.fixture
def pin_file(tmp_path: Path) -> Path:
    path = tmp_path / "pin"
    path.write_text("1357\nrest\n")
    return path


def test_init_makes_a_desk_and_says_what_it_holds(run: Run, tmp_path: Path, pin_file: Path) -> None:
    db = tmp_path / "deep" / "new.sqlite"
    made = run(
        "init", "--db", db, "--policy", "twelve-hour", "--login", "boss", "--supervisor", "科长", "--pin-file", pin_file
    )
    assert (made.code, made.err) == (0, "")
    assert "policy twelve-hour, zone Asia/Shanghai" in made.out
    assert "backup jobs" in made.out
    listed = json.loads(run("people", "list", "--db", db, "--json").out)
    assert [(person["login"], person["role"], person["has_pin"]) for person in listed] == [("boss", "supervisor", True)]
    assert os.stat(db).st_mode & 0o077 == 0


def test_init_from_a_file_of_people_says_when_they_are_too_few(run: Run, tmp_path: Path) -> None:
    people_file = Path(__file__).parents[2] / "data" / "demo" / "people.toml"
    made = run("init", "--db", tmp_path / "d", "--policy", "twelve-hour", "--people", people_file)
    assert made.code == 0
    assert "2026-11: 60 duties at 3 a month need 20 people, there are 4." in made.out
    assert "eng-a has no PIN yet" in made.out


@pytest.mark.parametrize("policy", ["twelve-hour", "weekly-team", "split-cycle"])
def test_every_preset_makes_a_desk_with_somebody_on_duty(run: Run, tmp_path: Path, policy: str) -> None:
    people_file = Path(__file__).parents[2] / "data" / "demo" / "people.toml"
    assert run("init", "--db", tmp_path / "d", "--policy", policy, "--people", people_file).code == 0
    now = run("now", "--db", tmp_path / "d", "--json")
    document = json.loads(now.out)
    assert now.code == 0
    assert all(person["login"] for person in document["shift"]["people"])
    assert len(document["shift"]["people"]) == {"twelve-hour": 1, "weekly-team": 2, "split-cycle": 3}[policy]


def test_nothing_stays_of_a_desk_that_could_not_be_made(run: Run, tmp_path: Path) -> None:
    made = run("init", "--db", tmp_path / "d.sqlite", "--policy", "four-hour", "--login", "boss")
    assert made.code == 2
    assert "There is no policy “four-hour”" in made.err
    assert list(tmp_path.glob("d.sqlite*")) == []


def test_a_desk_in_use_is_not_made_again(run: Run, desk_file: Path) -> None:
    before = desk_file.read_bytes()
    made = run("init", "--db", desk_file, "--policy", "twelve-hour", "--login", "boss")
    assert (made.code, "in use already" in made.err) == (2, True)
    assert desk_file.read_bytes() == before


def test_an_own_policy_with_a_mistake_names_the_place(run: Run, tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('name = "own"\nzone = "Asia/Shanghai"\n[shifts.day]\nfrom = "8 o\'clock"\nto = "20:00"\n')
    made = run("init", "--db", tmp_path / "d", "--policy", own, "--login", "boss")
    assert made.code == 2
    assert made.err.count("\n") == 1
    assert "8 o'clock" in made.err


def test_now_says_who_why_and_what_is_due(run: Run, desk_file: Path) -> None:
    now = run("now", "--db", desk_file)
    assert now.code == 0
    assert "2026-11-22 14:32: Day shift 08:00–20:00" in now.out
    assert "Eng. A  eng-a  absent  late 392 min" in now.out
    assert "Turns in fixed order. Turn " in now.out
    assert "Handover: Day" in now.out


def test_now_in_chinese(run: Run, desk_file: Path) -> None:
    now = run("now", "--db", desk_file, "--lang", "zh")
    assert "2026-11-22 14:32：白班 08:00–20:00" in now.out
    assert "固定顺序轮值。第" in now.out


def test_now_as_json_has_stable_keys_and_utc_times(run: Run, desk_file: Path) -> None:
    document = json.loads(run("--db", desk_file, "now", "--json").out)
    assert document["at"] == "2026-11-22T06:32:00Z"
    shift = document["shift"]
    assert set(shift) == {"id", "day", "kind", "title", "starts_at", "ends_at", "people"}
    assert (shift["starts_at"], shift["ends_at"]) == ("2026-11-22T00:00:00Z", "2026-11-22T12:00:00Z")
    assert shift["title"] == {"zh": "白班", "en": "Day"}
    person = shift["people"][0]
    assert (person["login"], person["state"], person["why"]["rule"]) == ("eng-a", "absent", "turns")
    due = document["due"][0]
    assert {"kind", "id", "title", "at", "late_at", "level"} <= set(due)


def test_who_was_on_duty_at_that_moment(run: Run, desk_file: Path) -> None:
    engine.connect(str(desk_file))
    attendance.sign_in(people.identify("eng-a"), PIN)
    engine.disconnect()
    early, later = (json.loads(run("now", "--db", desk_file, "--at", at, "--json").out) for at in ("14:00", "14:32"))
    assert early["shift"]["people"][0]["state"] == "absent"
    assert later["shift"]["people"][0]["state"] == "on"
    night = run("now", "--db", desk_file, "--at", "2026-11-22 23:00")
    assert "Night shift 20:00–08:00" in night.out
    assert "eng-b" in night.out


def test_no_shift_is_an_answer_of_no(run: Run, desk_file: Path) -> None:
    now = run("now", "--db", desk_file, "--at", "2031-01-01 12:00")
    assert (now.code, now.out) == (1, "2031-01-01 12:00: no shift runs.\n")
    assert json.loads(run("now", "--db", desk_file, "--at", "2031-01-01 12:00", "--json").out)["shift"] is None


def test_a_time_that_is_none(run: Run, desk_file: Path) -> None:
    now = run("now", "--db", desk_file, "--at", "soon")
    assert (now.code, now.out) == (2, "")
    assert "soon" in now.err


def test_the_supervisor_adds_sets_a_pin_and_disables(run: Run, desk_file: Path, pin_file: Path) -> None:
    words = ("--db", desk_file, "--login", "chief")
    added = run(
        "people", "add", *words, "eng-e", "戊工", "--name-en", "Eng. E", "--post", "network", "--post", "system"
    )
    assert (added.code, added.err) == (0, "")
    assert "eng-e is added as Engineer." in added.out
    assert run("people", "pin", *words, "eng-e", "--pin-file", pin_file).code == 0
    listed = {person["login"]: person for person in json.loads(run("people", "list", *words, "--json").out)}
    assert listed["eng-e"]["has_pin"]
    assert listed["eng-e"]["posts"] == ["network", "system"]
    assert listed["eng-e"]["label"] == {"zh": "戊工", "en": "Eng. E"}
    assert "eng-e" in run("now", *words, "--at", "2026-11-24 21:00").out + _next_nights(run, desk_file)
    assert run("people", "disable", *words, "eng-e").code == 0
    assert "eng-e" not in run("people", "list", *words).out
    assert "disabled" in run("people", "list", *words, "--all").out


def _next_nights(run: Run, desk_file: Path) -> str:
    return "".join(run("now", "--db", desk_file, "--at", f"2026-11-{day} 12:00").out for day in range(23, 30))


def test_who_writes_must_be_known(run: Run, desk_file: Path) -> None:
    added = run("people", "add", "--db", desk_file, "x", "X")
    assert (added.code, added.out) == (2, "")
    assert "--login" in added.err
    assert run("people", "add", "--db", desk_file, "--login", "eng-a", "x", "X").code == 2


def test_reading_needs_nobody(run: Run, desk_file: Path) -> None:
    assert run("people", "list", "--db", desk_file).code == 0


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--login", "nobody", "now"), "Nobody has the login nobody."),
        (("people", "disable", "--login", "chief", "who"), "Nobody has the login who."),
        (("people", "add", "--login", "chief", "eng-a", "Again"), "The login eng-a is taken."),
        (("people", "add", "--login", "chief", "Bad Login", "Bad"), "A login has lower-case letters"),
        (("people", "pin", "--login", "chief", "eng-a"), "A PIN is typed on a terminal"),
    ],
)
def test_wrong_use_is_one_sentence(run: Run, desk_file: Path, words: tuple[str, ...], sentence: str) -> None:
    answer = run("--db", desk_file, *words)
    assert (answer.code, answer.out) == (2, "")
    assert sentence in answer.err
    assert answer.err.count("\n") == 1


def test_no_desk_no_database_and_a_folder(run: Run, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("hello")
    for target, sentence in (
        (tmp_path / "missing", "There is no desk at"),
        (tmp_path / "text", "is not a Duty Desk database"),
        (tmp_path, "is a folder"),
    ):
        answer = run("now", "--db", target)
        assert (answer.code, sentence in answer.err, answer.err.count("\n")) == (2, True, 1)


def test_an_unknown_command_and_the_help(run: Run) -> None:
    unknown = run("roof")
    assert (unknown.code, "roof" in unknown.err) == (2, True)
    shown = run("--help")
    assert shown.code == 0
    assert "make a desk from a duty policy" in shown.out
    assert "按值班制度建立值班台" in run("--lang", "zh", "--help").out


def test_the_desk_is_named_by_option_environment_or_file(
    run: Run, desk_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "There is no desk at" in run("now").err
    assert str(config.usual_db()) in run("now").err
    own = tmp_path / "own.toml"
    own.write_text(f'db = "{desk_file}"\nlang = "zh"\nlogin = "chief"\n')
    monkeypatch.setenv("DUTYDESK_CONFIG", str(own))
    assert "白班" in run("now").out
    assert run("people", "disable", "reader").code == 0
    monkeypatch.setenv("DUTYDESK_DB", str(tmp_path / "other"))
    assert run("now").code == 2
    assert run("now", "--db", desk_file).code == 0
    own.write_text('lang = "fr"\n')
    assert "fr" in run("now", "--db", desk_file).err


def test_ssh_keys_open_the_console_as_one_person(run: Run, desk_file: Path, tmp_path: Path) -> None:
    none = run("ssh-keys", "--db", desk_file)
    assert (none.code, none.out) == (1, "")
    key = tmp_path / "key.pub"
    key.write_text(f"{KEY} eng-f@laptop\n")
    run("people", "add", "--db", desk_file, "--login", "chief", "eng-f", "己工", "--ssh-key", key)
    shown = run("ssh-keys", "--db", desk_file)
    assert shown.code == 0
    assert shown.out == (
        f'restrict,pty,command="{sys.executable} -I -m dutydesk --db {desk_file} --login eng-f" {KEY} eng-f@laptop\n'
    )


def test_somebody_gets_a_key_and_loses_it(run: Run, desk_file: Path, tmp_path: Path) -> None:
    """By the supervisor alone; the audit names the fingerprint, and ssh-keys follows."""
    as_chief = ("--db", desk_file, "--login", "chief", "--lang", "en")
    key, two, private = tmp_path / "key.pub", tmp_path / "two.pub", tmp_path / "id_ed25519"
    key.write_text(f"# of the laptop\n\n{KEY} eng-a@laptop\n")
    two.write_text(f"{KEY}\n{KEY}\n")
    private.write_text(
        "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n-----END OPENSSH PRIVATE KEY-----\n"
    )
    assert "SHA256:" in run("people", "key", *as_chief, "eng-a", key).out
    assert f" {KEY} eng-a@laptop\n" in run("ssh-keys", *as_chief).out
    for words, complaint in (
        (("eng-b", two), "holds 2 lines"),
        (("eng-b", private), "private key"),
        (("eng-b", tmp_path / "none.pub"), "cannot be read"),
        (("nobody", key), "Nobody has the login nobody."),
        (("eng-b",), "or --remove"),
        (("eng-b", key, "--remove"), "or --remove"),
    ):
        refused = run("people", "key", *as_chief, *words)
        assert (refused.code, complaint in refused.err) == (2, True), refused
    mine = run("people", "key", "--db", desk_file, "--login", "eng-a", "--lang", "en", "eng-a", key)
    assert (mine.code, mine.out) == (2, "")
    assert "has no key any more" in run("people", "key", *as_chief, "eng-a", "--remove").out
    assert run("ssh-keys", *as_chief).code == 1
    engine.connect(str(desk_file))
    entries = [(row.action, json.loads(row.values)["key"]) for row in _key_entries()]
    engine.disconnect()
    assert entries == [("person.key_set", fingerprint(KEY)), ("person.key_removed", "")]
    assert run("verify", *as_chief).code == 0


def test_no_record_plants_a_line_or_an_option(run: Run, desk_file: Path) -> None:
    """Whatever an older program or a hand left as key or login: one line a person, with our options, or none."""
    engine.connect(str(desk_file))
    evil = f'{KEY} x\nssh-ed25519 AAAA evil\r\ncommand="/bin/sh" {KEY}'
    for login, key in (("eng-a", evil), ("eng-b", f'command="/bin/sh" {KEY}'), ("eng-c", f'",pty {KEY}')):
        engine.db.execute_sql("update person set ssh_key = ? where login = ?", (key, login))
    engine.db.execute_sql("update person set ssh_key = ?, login = ? where login = 'eng-d'", (KEY, 'd"\n" pty evil'))
    engine.db.execute_sql(
        "update person set ssh_key = ?, login = ? where login = 'reader'", (KEY, "e\" $(id) '`id`' \\")
    )
    engine.disconnect()
    shown = run("ssh-keys", "--db", desk_file, "--login", "chief", "--lang", "en")
    assert shown.code == 1
    lines = shown.out.splitlines()
    assert len(lines) == 2
    for line in lines:
        assert line.startswith(f'restrict,pty,command="{sys.executable} -I -m dutydesk --db {desk_file} --login ')
        assert re.fullmatch(r'restrict,pty,command="(?:[^"\\]|\\"|\\(?!"))*" ' + re.escape(KEY) + "( .*)?", line)
    assert lines[0].endswith(f'--login eng-a" {KEY} x ssh-ed25519 AAAA evil command="/bin/sh" {KEY}')
    assert "eng-b: This is no public SSH key" in shown.err
    assert "cannot stand in authorized_keys" in shown.err


def _key_entries() -> list[Any]:
    from dutydesk.storage.models.audit import AuditEntry

    return list(AuditEntry.select().where(AuditEntry.action.startswith("person.key_")).order_by(AuditEntry.seq))


def test_tables_align_double_width_and_hold_hostile_text() -> None:
    shown = common.table([("甲", 5, "[red]x\x1b[2J"), ("Eng. B", 12, "y")], ("Name", "N", "Text"))
    assert shown.splitlines() == ["Name     N  Text", "甲       5  [red]x", "Eng. B  12  y"]


def test_json_of_values() -> None:
    value = {"role": Role.READER, "label": Label("甲", "A"), "opened_at": START, "count": 3, "at": None, "some": {2, 1}}
    assert json.loads(common.as_json(value)) == {
        "role": "reader",
        "label": {"zh": "甲", "en": "A"},
        "opened_at": "2026-11-22T06:32:00Z",
        "count": 3,
        "at": None,
        "some": [1, 2],
    }


def test_a_command_never_imports_textual(desk_file: Path) -> None:
    code = (
        "import sys; from dutydesk.__main__ import main; main(sys.argv[1:]); "
        "print([name for name in ('textual', 'argon2', 'arrow', 'plotext', 'tomllib') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "--db", str(desk_file), "now"], capture_output=True, text=True, check=False
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_console_needs_a_terminal(desk_file: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "dutydesk", "--db", str(desk_file)],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
