"""Deliveries by real programs and to a real server on loopback, which misbehaves."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from prd_supervise.policies.notices import Notice
from prd_supervise.workers.messages.notices import (
    COMMAND,
    WEBHOOK,
    Deliver,
    Delivered,
    NotifierBegin,
    NotifyRules,
)
from prd_supervise.workers.messages.rules import SecretSources
from prd_supervise.workers.notify import courier, post, ways
from prd_supervise.workers.notify.courier import QUEUE_MAX, Courier
from prd_supervise.workers.notify.placeholders import filled, unknown_in
from prd_supervise.workers.process.descendants import children_of
from prd_supervise.workers.process.eventloop import EventLoop
from tests.support.webhook import DRIP, DROP, FLOOD, HANG, STALL, webhook

NOTICE = Notice(event="prd_failed", title="ALPHA has failed", body="US-1: why", prd="ALPHA", at=1.0)


@pytest.fixture
def loop() -> Iterator[EventLoop]:
    made = EventLoop()
    yield made
    made.close()


def deliver(
    loop: EventLoop, tmp_path: Path, rules: NotifyRules, *, notice: Notice = NOTICE, times: int = 1
) -> list[Delivered]:
    heard: list[Delivered] = []
    secrets = SecretSources(env=("A_SECRET",))
    begin = NotifierBegin(rules=rules, repository=str(tmp_path), secrets=secrets)
    worker = Courier(begin, loop, heard.append)
    for number in range(times):
        worker.take(Deliver(number=number, notice=notice, ways=rules.ways))
    deadline_s = loop.now_s() + 60
    while len(heard) < times * len(rules.ways):
        assert loop.now_s() < deadline_s, heard
        loop.call_at(deadline_s, lambda: None)
        loop.run_once()
    return heard


def test_a_command_gets_the_message_as_arguments_and_no_shell_reads_them(
    loop: EventLoop, tmp_path: Path
) -> None:
    script = f"import sys; open({str(tmp_path / 'got')!r}, 'w').write(repr(sys.argv[1:]))"
    notice = Notice(event="x", title="$(touch pwned); `id`", body="-rf /\x1b[31m\nnext", count=2)
    command = (sys.executable, "-c", script, "{title}", "{body}", "{count}{event}", "${HOME}")
    (done,) = deliver(loop, tmp_path, NotifyRules(command=command), notice=notice)
    assert done == Delivered(number=0, way=COMMAND)
    assert (tmp_path / "got").read_text() == repr(
        ["$(touch pwned); `id`", " -rf / [31m\nnext", "2x", "${HOME}"]
    )
    assert not (tmp_path / "pwned").exists()


def test_a_command_that_fails_is_missing_or_prints_without_end_is_told(
    loop: EventLoop, tmp_path: Path
) -> None:
    for words, problem in (
        (("sh", "-c", "echo oh no >&2; exit 7"), "sh: exit 7: oh no"),
        (("sh", "-c", "kill -9 $$"), "sh: signal 9"),
        (("no-such-program-here",), "no-such-program-here"),
        (("sh", "-c", "yes | head -c 3000000; echo the end; exit 1"), "the end"),
    ):
        (done,) = deliver(loop, tmp_path, NotifyRules(command=words))
        assert problem in done.problem
        assert len(done.problem) < 400
    assert children_of(os.getpid()) == []


def test_a_command_that_hangs_is_ended_with_what_it_started_and_the_next_one_goes_on(
    loop: EventLoop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ways, "COMMAND_S", 0.3)
    first = tmp_path / "first"
    script = f"trap '' TERM; test -e {first} && exit 0; touch {first}; sleep 60 & sleep 60"
    done = deliver(loop, tmp_path, NotifyRules(command=("sh", "-c", script)), times=2)
    assert [each.problem for each in done] == ["sh: not over after 0.3 s: ended", ""]
    assert children_of(os.getpid()) == []


def test_too_many_that_wait_are_refused(
    loop: EventLoop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert QUEUE_MAX >= 100
    monkeypatch.setattr(courier, "QUEUE_MAX", 2)
    done = deliver(loop, tmp_path, NotifyRules(command=("sleep", "0.2")), times=5)
    assert sorted(each.problem for each in done) == ["", "", "", *["command: too many wait"] * 2]


def test_a_secret_is_hidden_in_the_message_and_in_what_a_program_prints(
    loop: EventLoop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("A_SECRET", "hunter2-hunter2")
    notice = Notice(event="x", title="t", body="it said hunter2-hunter2")
    script = f'printf %s "$1" > {tmp_path}/got; echo hunter2-hunter2; exit 1'
    command = ("sh", "-c", script, "sh", "{body}")
    (done,) = deliver(loop, tmp_path, NotifyRules(command=command), notice=notice)
    assert (tmp_path / "got").read_text() == "it said [redacted:A_SECRET]"
    assert done.problem == "sh: exit 1: [redacted:A_SECRET]"


def test_a_webhook_is_tried_again_where_that_may_help(loop: EventLoop, tmp_path: Path) -> None:
    with webhook(503, DROP, 429, 204) as hook:
        (done,) = deliver(loop, tmp_path, NotifyRules(webhook=hook.url))
        assert done == Delivered(number=0, way=WEBHOOK)
        assert hook.events() == ["prd_failed"] * 4


def test_a_webhook_that_refuses_or_sends_elsewhere_is_asked_once(
    loop: EventLoop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOK_TOKEN", "hunter2-hunter2")
    headers = (("X-Token", "$HOOK_TOKEN"),)
    with webhook() as other, webhook((302, other.url), 404) as hook:
        rules = NotifyRules(webhook=hook.url, headers=headers)
        moved, missing = deliver(loop, tmp_path, rules, times=2)
        assert "answered 302 Found: it wants to be called as http://127.0.0.1" in moved.problem
        assert missing.problem == "webhook: 127.0.0.1 answered 404 Not Found: said so"
        assert other.seen == []
        assert [each["X-Token"] for each in hook.headers] == ["hunter2-hunter2"] * 2
        for each in (moved, missing):
            assert "hunter2" not in each.problem


def test_an_answer_without_end_is_not_read_to_its_end(loop: EventLoop, tmp_path: Path) -> None:
    with webhook(FLOOD) as hook:
        (done,) = deliver(loop, tmp_path, NotifyRules(webhook=hook.url))
        assert not done.problem


@pytest.mark.parametrize("fault", [HANG, DRIP])
def test_a_webhook_that_never_comes_to_an_end_is_given_up(
    fault: str, loop: EventLoop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ways, "TOTAL_S", 1.0)
    with webhook(fault) as hook:
        (done,) = deliver(loop, tmp_path, NotifyRules(webhook=hook.url))
    assert done.problem == "webhook: not over after 1 s: ended"


def test_what_was_taken_is_not_sent_again_because_the_answer_stops_in_its_middle(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(post, "TRY_S", 0.2)
    monkeypatch.setattr(post, "RETRY_S", 1.0)
    with webhook(STALL) as hook:
        post.deliver(hook.url, {}, b'{"event": "x"}')
    assert hook.events() == ["x"]


def test_nobody_listens_is_told_with_the_number_of_tries(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(post, "RETRY_S", 0.2)
    with pytest.raises(post.PassingError, match=r"127\.0\.0\.1: Connection refused \(\d+ tries\)"):
        post.deliver("http://127.0.0.1:9/x", {}, b"{}")


def test_who_speaks_no_tls_is_asked_once() -> None:
    with webhook() as hook, pytest.raises(post.LastingError) as told:
        post.deliver(hook.url.replace("http:", "https:"), {}, b"{}")
    assert str(told.value).startswith("127.0.0.1: nobody speaks TLS at this port")


def test_a_header_whose_variable_is_not_set_is_told(loop: EventLoop, tmp_path: Path) -> None:
    rules = NotifyRules(webhook="http://127.0.0.1:9/", headers=(("X-Token", "$NOT_SET_AT_ALL"),))
    (done,) = deliver(loop, tmp_path, rules)
    assert done.problem == "webhook: the variable NOT_SET_AT_ALL is not set where root runs"


def test_the_two_ways_do_not_wait_for_each_other(
    loop: EventLoop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ways, "TOTAL_S", 2.0)
    with webhook(HANG) as hook:
        rules = NotifyRules(webhook=hook.url, command=("true",))
        done = deliver(loop, tmp_path, rules, times=2)
    assert [each.way for each in done] == [COMMAND, COMMAND, WEBHOOK, WEBHOOK]


def test_what_is_no_placeholder_is_found_and_what_is_a_shell_s_is_not() -> None:
    assert list(unknown_in(["{titel}", "{title}", "${HOME}", "{ echo; }", '{"a": 1}', "{}"])) == [
        "titel"
    ]
    assert filled(["a{prd}b"], NOTICE) == ("aALPHAb",)
