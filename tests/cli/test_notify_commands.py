"""`dutydesk people channel` and `dutydesk notify` against a real web hook and a real mail server on loopback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dutydesk.domain import clock
from dutydesk.domain.channels import KINDS, LEASE, Outcome, Trouble, read_address
from dutydesk.integrations import notify
from dutydesk.services import people
from dutydesk.storage import engine
from dutydesk.storage.models.delivery import Channel
from tests.cli.conftest import Answer, Run
from tests.loopback import Service, closed_port, mail_server, web_hook
from tests.services.conftest import START

ROOT = Path(__file__).resolve().parents[2]
PATH = "s3cr3t-path"


@pytest.fixture
def hook() -> Iterator[Service]:
    with web_hook() as service:
        yield service


@pytest.fixture
def mail() -> Iterator[Service]:
    with mail_server() as service:
        yield service


def url(service: Service) -> str:
    return f"json://127.0.0.1:{service.port}/{PATH}"


@pytest.fixture
def desk_run(run: Run, desk_file: Path) -> Run:
    """Return how to run a command on the desk, in English: people by the supervisor, the rest as a timer does."""

    def call(*words: object) -> Answer:
        person = ("--login", "chief") if words[0] == "people" and "--login" not in words else ()
        return run(*words, *person, "--db", desk_file, "--lang", "en")

    return call


# For real


def test_a_person_is_told_at_his_address_in_his_language(desk_run: Run, hook: Service, desk_file: Path) -> None:
    shown = desk_run("people", "channel", "eng-a", url(hook), "--login", "eng-a")
    assert "json" in shown.out
    assert desk_run("notify", "--test", "eng-a").code == 0
    engine.connect(str(desk_file))
    people.prefer(people.identify("eng-a"), "lang", "zh")
    engine.disconnect()
    answer = desk_run("notify", "--deliver")
    assert (answer.code, answer.out, answer.err) == (0, "eng-a, json: sent\n", "")
    assert [(each["title"], each["message"]) for each in hook.got] == [
        ("信息科 Duty Desk", "这是测试：与您有关的事项会通知到这里。\n值班台通知时间 2026-11-22 14:32")
    ]
    assert desk_run("notify", "--deliver").out == ""
    assert len(hook.got) == 1


def test_a_mail_goes_by_the_server_of_the_config_file(
    desk_run: Run, mail: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "config.toml"
    config.write_text(f'mail = "mailto://127.0.0.1:{mail.port}?smtp=127.0.0.1&from=desk@example.com&mode=insecure"\n')
    monkeypatch.setenv("DUTYDESK_CONFIG", str(config))
    desk_run("people", "channel", "eng-a", "eng-a@example.com", "--login", "chief")
    desk_run("notify", "--test", "eng-a")
    assert desk_run("notify", "--deliver").out == "eng-a, mail: sent\n"
    message = mail.got[0]
    assert "eng-a@example.com" in message["To"]
    assert message["Subject"] == "Duty Desk"
    text = message.get_body(("plain", "html")).get_content()
    assert "This is a test" in text


def test_a_mail_address_without_a_mail_server_waits(desk_run: Run) -> None:
    desk_run("people", "channel", "eng-a", "eng-a@example.com", "--login", "chief")
    desk_run("notify", "--test", "eng-a")
    answer = desk_run("notify", "--deliver")
    assert (answer.code, answer.out) == (1, "eng-a, mail: waiting, the config file names no mail server\n")


def test_the_address_is_printed_nowhere(desk_run: Run, hook: Service) -> None:
    said = [desk_run("people", "channel", "eng-a", url(hook), "--login", "chief")]
    desk_run("notify", "--test", "eng-a")
    hook.answer = 500
    said += [desk_run(*words) for words in (
        ["people", "channel", "eng-a"], ["people", "channel", "eng-a", "--json"], ["people", "list", "--json"],
        ["notify", "--deliver"], ["notify", "list"], ["notify", "list", "--json"], ["doctor"],
    )]  # fmt: skip
    assert hook.got
    assert not [each for each in said if PATH in each.out + each.err or str(hook.port) in each.out + each.err]


def test_only_a_person_sets_a_channel(run: Run, desk_file: Path) -> None:
    assert "Who are you?" in run("people", "channel", "eng-a", "a@example.com", "--db", desk_file).err
    assert "Only the supervisor" in run("people", "channel", "eng-a", "--db", desk_file).err


def test_addresses_may_come_from_stdin(desk_run: Run, monkeypatch: pytest.MonkeyPatch, hook: Service) -> None:
    """Words of a command line are seen by everybody on the machine."""
    import io

    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{url(hook)}\nb@example.com\n"))
    shown = desk_run("people", "channel", "eng-a", "-", "--json")
    assert [each["kind"] for each in json.loads(shown.out)] == ["json", "mail"]
    assert "told in the console only" in desk_run("people", "channel", "eng-a", "none").out


def test_what_failed_is_listed_and_tried_again(desk_run: Run, hook: Service) -> None:
    desk_run("people", "channel", "eng-a", url(hook))
    desk_run("notify", "--test", "eng-a")
    hook.answer = None
    answer = desk_run("notify", "--deliver", "--json")
    assert answer.code == 1
    assert [(each["status"], each["trouble"]) for each in json.loads(answer.out)] == [("unsure", "silent")]
    listed = json.loads(desk_run("notify", "list", "--troubled", "--json").out)[0]
    assert (listed["status"], listed["login"], listed["kind"]) == ("unsure", "eng-a", "json")
    assert "perhaps delivered, no answer came" in desk_run("notify", "list").out
    hook.answer = 200
    assert desk_run("notify", "--again", listed["id"]).code == 0
    assert desk_run("notify", "--deliver").out == "eng-a, json: sent\n"
    assert desk_run("notify", "list", "--troubled", "--json").out == "[]\n"


def test_one_channel_in_trouble_does_not_hold_up_the_others(desk_run: Run, hook: Service) -> None:
    desk_run("people", "channel", "eng-a", f"json://127.0.0.1:{closed_port()}/")
    desk_run("people", "channel", "eng-b", url(hook))
    for login in ("eng-a", "eng-a", "eng-b"):
        desk_run("notify", "--test", login)
    answer = desk_run("notify", "--deliver")
    assert answer.out.splitlines() == [
        "eng-a, json: waiting, the service cannot be reached",
        "eng-b, json: sent",
    ], "the second notice of Eng. A is not tried in vain"


def test_without_the_package_it_says_how_to_install_it(
    desk_run: Run, hook: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert desk_run("notify", "--deliver").code == 0, "nothing to send needs no package"
    desk_run("people", "channel", "eng-a", url(hook))
    desk_run("notify", "--test", "eng-a")
    monkeypatch.setitem(sys.modules, "apprise", None)
    answer = desk_run("notify", "--deliver")
    assert answer.code == 2
    assert "pip install 'dutydesk[notify]'" in answer.err
    monkeypatch.delitem(sys.modules, "apprise")
    assert desk_run("notify", "--deliver").code == 0
    assert len(hook.got) == 1


@pytest.mark.parametrize(
    "words", [[], ["list", "--deliver"], ["--troubled"], ["--again", "x"], ["--again", "1", "list"]]
)
def test_wrong_use_is_one_sentence(desk_run: Run, words: list[str]) -> None:
    answer = desk_run("notify", *words)
    assert answer.code == 2
    assert answer.err.count("\n") == 1


# What an outcome means


def outcome(address: str, seconds: float = 10, body: str = "text") -> Outcome:
    return notify.send(read_address(address), "title", body, seconds=seconds)


def test_a_refusal_and_a_closed_port_are_certain(hook: Service, mail: Service) -> None:
    hook.answer = 500
    assert outcome(url(hook), body="JSON Exception: Connection refused").trouble is Trouble.REFUSED
    assert outcome(f"json://127.0.0.1:{closed_port()}/").trouble is Trouble.UNREACHABLE
    mailto = "mailto://127.0.0.1:{port}?smtp=127.0.0.1&from=d@example.com&to=a@example.com&mode=insecure"
    assert outcome(mailto.format(port=closed_port())).trouble is Trouble.UNREACHABLE
    mail.answer = 554
    assert outcome(mailto.format(port=mail.port)).trouble is Trouble.REFUSED
    mail.answer = 200
    assert outcome(mailto.format(port=mail.port)).sent


def test_a_line_that_breaks_after_the_message_is_not(hook: Service, mail: Service) -> None:
    hook.answer = mail.answer = None
    assert outcome(url(hook)).trouble is Trouble.SILENT
    mailto = f"mailto://127.0.0.1:{mail.port}?smtp=127.0.0.1&from=d@example.com&to=a@example.com&mode=insecure"
    assert outcome(mailto).trouble is Trouble.SILENT
    assert (len(hook.got), len(mail.got)) == (1, 1)


def test_a_service_that_never_answers_is_left(hook: Service) -> None:
    hook.hold = threading.Event()
    assert outcome(url(hook), seconds=0.3).trouble is Trouble.SILENT
    hook.hold.set()


def test_it_is_sent_once_whatever_the_address_asks_for(hook: Service) -> None:
    hook.answer = 500
    assert outcome(f"{url(hook)}?retry=5&wait=0&optional=yes").trouble is Trouble.REFUSED
    hook.answer = 302
    assert not outcome(f"{url(hook)}?redirect=yes").sent
    assert len(hook.got) == 2


def test_what_people_wrote_steers_nothing_over_there(hook: Service, mail: Service) -> None:
    hostile = "UPS\x1b[2J \u202edown\r\nBcc: thief@example.com"
    notify.send(read_address(url(hook)), hostile, hostile)
    assert (hook.got[0]["title"], hook.got[0]["message"]) == (
        "UPS down Bcc: thief@example.com",
        "UPS down\nBcc: thief@example.com",
    )
    mailto = f"mailto://127.0.0.1:{mail.port}?smtp=127.0.0.1&from=d@example.com&to=a@example.com&mode=insecure"
    notify.send(read_address(mailto), hostile, "<b>not bold</b>")
    assert mail.got[0]["Bcc"] is None
    assert "thief" in mail.got[0]["Subject"]
    page = mail.got[0].get_body(("html",))
    assert page is None or "&lt;b&gt;" in page.get_content()


def test_an_address_that_the_service_does_not_take(hook: Service) -> None:
    assert outcome("wecombot://!").trouble is Trouble.ADDRESS


def test_every_kind_is_known_to_the_package() -> None:
    notify.needed()
    from apprise.manager_plugins import NotificationManager

    assert [kind for kind in sorted(KINDS) if kind not in NotificationManager()] == []


# Two at once, and kill -9


def deliverer(desk: Path) -> subprocess.Popen[str]:
    """Start `notify --deliver` as a process of its own, with the clock of these tests."""
    argv = [sys.executable, "-m", "tests.terminal.clocked", str(clock.now()), "notify", "--deliver", "--db", str(desk)]
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": str(desk.parent)}
    return subprocess.Popen([*argv, "--lang", "en"], cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True)


@pytest.fixture
def many(desk_run: Run, hook: Service) -> Callable[[int], None]:
    """Return how to let some notices wait for Eng. A and Eng. B."""

    def wait(count: int) -> None:
        for login in ("eng-a", "eng-b"):
            desk_run("people", "channel", login, url(hook))
            for _number in range(count):
                desk_run("notify", "--test", login)

    return wait


def test_two_deliverers_at_once_tell_everything_once(
    desk_file: Path, hook: Service, many: Callable[[int], None], desk_run: Run
) -> None:
    many(3)
    both = [deliverer(desk_file), deliverer(desk_file)]
    said = [each.communicate(timeout=60)[0] for each in both]
    assert [each.returncode for each in both] == [0, 0]
    assert sum(text.count("sent") for text in said) == 6
    assert len(hook.got) == 6
    assert desk_run("verify").code == 0


def test_a_deliverer_killed_while_sending_tells_nobody_twice(
    desk_file: Path, hook: Service, many: Callable[[int], None], desk_run: Run
) -> None:
    many(1)
    hook.hold = threading.Event()
    first = deliverer(desk_file)
    try:
        assert hook.arrived.wait(30)
    finally:
        first.send_signal(signal.SIGKILL)
        first.wait()
        hook.hold.set()
    hook.hold = None
    assert desk_run("notify", "--deliver").out == "eng-b, json: sent\n"
    with clock.frozen(START + LEASE + 60):
        assert desk_run("notify", "--deliver").code == 0
        listed = json.loads(desk_run("notify", "list", "--json").out)
    assert [(each["login"], each["status"]) for each in listed] == [("eng-b", "sent"), ("eng-a", "unsure")]
    assert len(hook.got) == 2, "each was told once"
    assert desk_run("verify").code == 0


def test_a_deliverer_killed_before_it_sent_is_followed_by_another(
    desk_file: Path, hook: Service, many: Callable[[int], None], desk_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dutydesk.services import delivery

    many(1)

    def killed(*args: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(delivery, "begin", killed)
        assert desk_run("notify", "--deliver").code == 130
    with clock.frozen(START + LEASE + 60):
        assert desk_run("notify", "--deliver").code == 0
    assert len(hook.got) == 2


def test_the_channels_of_a_desk_are_not_in_the_chain(desk_run: Run, desk_file: Path, hook: Service) -> None:
    desk_run("people", "channel", "eng-a", url(hook))
    engine.connect(str(desk_file))
    assert PATH in Channel.select(Channel.address).scalar()
    rows = engine.db.execute_sql("select count(*) from audit_binding where table_name in ('channel', 'delivery')")
    assert rows.fetchall() == [(0,)]
