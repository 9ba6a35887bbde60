"""People are told by a command and a webhook; whatever these do, the tree goes on and ends."""

from __future__ import annotations

import json
import shlex
import signal
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.support.e2e_processes import kill, title_of
from tests.support.e2e_repo import HOLD, Repo, story, write
from tests.support.tree import Tree
from tests.support.webhook import HANG, webhook

SCHEMA = Path(__file__).resolve().parents[2] / "docs" / "schema" / "notification.schema.json"


def said(tree: Tree) -> list[str]:
    path = Path(tree.env["TMPDIR"], "said")
    return path.read_text().splitlines() if path.exists() else []


def noting(tree: Tree, before: str = "") -> list[str]:
    """A command that notes what it is told."""
    path = shlex.quote(str(Path(tree.env["TMPDIR"], "said")))
    return ["sh", "-c", f'{before} printf "%s|%s|%s\\n" "$@" >> {path}', "sh", *_WORDS]


_WORDS = ("{event}", "{prd}", "{title}")


def test_who_is_told_that_a_prd_is_done_is_told_how_to_take_its_work(
    repo: Repo, tree: Tree
) -> None:
    with webhook() as hook:
        repo.prd(story("US-1"))
        repo.configure(webhook=hook.url, notify_on=["prd_completed"])
        repo.commit()

        tree.run("start", code=0)

        (told,) = hook.seen
        assert told["title"] == "ALPHA is done"
        assert told["body"] == "1 story done; `git merge feature/ALPHA` takes the work"


def test_a_command_and_a_webhook_are_told_and_the_last_word_before_root_is_gone(
    repo: Repo, tree: Tree
) -> None:
    with webhook() as hook:
        repo.prd(story("US-1"), story("US-2", verify=["false"]))
        repo.configure(
            notify=noting(tree),
            webhook=hook.url,
            webhook_headers=["Authorization: Bearer $HOOK_TOKEN"],
            restart={"max_attempts": 1},
        )
        repo.commit()
        tree.env["HOOK_TOKEN"] = "t0k3n-of-the-hook"  # noqa: S105  no secret

        tree.run("start", code=1)

        assert said(tree) == [
            "story_failed|ALPHA|ALPHA: a story was given up",
            "prd_failed|ALPHA|ALPHA has failed",
            "root_ended||The run has ended",
        ]
        assert hook.events() == ["story_failed", "prd_failed", "root_ended"]
        assert {each["Authorization"] for each in hook.headers} == {"Bearer t0k3n-of-the-hook"}
        schema = json.loads(SCHEMA.read_text())
        Draft202012Validator.check_schema(schema)
        for each in hook.seen:
            Draft202012Validator(schema).validate(each)
        assert "ALPHA: failed, 1 of 2 stories done" in hook.seen[-1]["body"]
        assert "ALPHA/US-2: given up after 1 failed attempt" in hook.seen[0]["text"]
    state = [
        path.read_text(errors="replace")
        for path in repo.state.rglob("*")
        if path.is_file() and "worktrees" not in path.parts
    ]
    assert not any("t0k3n" in text or "s3cr3t-part" in text for text in state)
    counted = json.loads(tree.run("metrics", "--json").out)["counters"]
    notices = {tuple(each["labels"].values()): each["value"] for each in counted}
    assert (notices["command", "delivered"], notices["webhook", "delivered"]) == (3, 3)


def test_what_fails_is_told_once_and_that_it_works_again(repo: Repo, tree: Tree) -> None:
    go = Path(tree.env["TMPDIR"], "works")
    fails = f"test -e {go} || {{ echo no way >&2; exit 3; }};"
    repo.prd(story("US-1", verify=["false"]), name="a.json", project="ONE")
    repo.prd(story("US-1", verify=["false"]), name="b.json", project="TWO")
    repo.prd(story("US-1", HOLD, write("US-1.txt", "x")), name="c.json", project="THREE")
    repo.configure(notify=noting(tree, fails), restart={"max_attempts": 1})
    repo.commit()
    run = tree.begin("start", "a.json", "b.json", "c.json")
    tree.wait_event("notify_failed")
    tree.wait(lambda: len(tree.events("prd_failed")) == 2, "both failed", run)
    go.touch()
    tree.wait(lambda: "notifier" in tree.processes(), "it is there", run)
    tree.go()
    run.wait_exit(1)

    (failed,) = tree.events("notify_failed")
    assert failed["text"] == "sh: exit 3: no way; `prd-supervise notify --test` tries it"
    (works,) = tree.events("notify_works")
    assert works["text"].startswith("command: works again; messages that were lost: ")
    assert said(tree)[-1] == "root_ended||The run has ended"


def test_a_notifier_that_is_killed_is_started_again_and_delivers(repo: Repo, tree: Tree) -> None:
    repo.prd(story("US-1", verify=["false"]), story("US-2", HOLD, write("US-2.txt", "x")))
    begun = Path(tree.env["TMPDIR"], "begun")
    slow = f"echo x >> {begun}; test $(wc -l < {begun}) -gt 1 || sleep 100;"
    repo.configure(notify=noting(tree, slow), restart={"max_attempts": 1})
    repo.commit()
    run = tree.begin("start")
    pid = tree.pid_of("notifier")
    tree.wait(begun.exists, "the command is at work", run)
    kill(pid)
    tree.wait(lambda: said(tree), "it is told all the same", run)
    assert said(tree) == ["story_failed|ALPHA|ALPHA: a story was given up"]
    assert "sleep 100" not in map(title_of, tree.everybody())
    tree.go()
    run.wait_exit(1)
    assert not tree.events("notify_failed")


def test_nothing_of_a_notification_outlives_a_root_that_is_killed(repo: Repo, tree: Tree) -> None:
    repo.prd(story("US-1", verify=["false"]), story("US-2", HOLD, write("US-2.txt", "x")))
    begun = Path(tree.env["TMPDIR"], "begun")
    once = f"test -e {begun} || {{ touch {begun}; setsid sleep 100 & sleep 100; }}"
    repo.configure(
        notify=["sh", "-c", once],
        restart={"max_attempts": 1},
    )
    repo.commit()
    run = tree.begin("start")
    tree.wait(begun.exists, "the command is at work", run)
    run.signal(signal.SIGKILL)
    run.wait_exit(None)
    tree.wait_gone()
    tree.go()
    tree.run("resume", code=1)


@pytest.mark.slow
def test_a_webhook_that_never_answers_puts_off_the_end_but_not_for_long(
    repo: Repo, tree: Tree
) -> None:
    with webhook(HANG) as hook:
        repo.prd(story("US-1"))
        repo.configure(webhook=hook.url)
        repo.commit()
        run = tree.begin("start")
        tree.wait_event("root_ended")
        run.wait_exit(0)  # before the webhook's own hang is over, which takes a minute
        assert not hook.is_over.is_set()
        tree.wait_gone()
    (waits,) = tree.events("notify_waits")
    assert waits["text"].startswith("2 messages on the way: the end waits for that up to 10 s")
    (failed,) = tree.events("notify_failed")
    assert failed["text"].startswith("webhook: not delivered when the run ended")
    counted = json.loads(tree.run("metrics", "--json").out)["counters"]
    assert {"way": "webhook", "result": "failed"} in [each["labels"] for each in counted]


def test_who_asks_for_the_end_does_not_wait_for_the_last_messages(repo: Repo, tree: Tree) -> None:
    with webhook(HANG) as hook:
        repo.prd(story("US-1"))
        repo.configure(webhook=hook.url)
        repo.commit()
        run = tree.begin("start")
        tree.wait_event("root_ended")
        tree.wait(lambda: hook.seen, "it is being told", run)
        run.signal(signal.SIGTERM)
        run.wait_exit(0)
        tree.wait_gone()
    (failed,) = tree.events("notify_failed")
    assert failed["text"].startswith("webhook: not delivered"), "nobody waited for its failure"


def test_stop_now_waits_for_no_message(repo: Repo, tree: Tree) -> None:
    with webhook(HANG) as hook:
        repo.prd(story("US-1", HOLD))
        repo.configure(webhook=hook.url)
        repo.commit()
        run = tree.begin("start")
        tree.wait_event("attempt_started")
        tree.run("stop", "--now", code=0)
        run.wait_exit(75)
        assert hook.events() == []


def test_settings_that_are_read_again_hold_for_a_notifier_that_is_there(
    repo: Repo, tree: Tree
) -> None:
    repo.prd(story("US-1", verify=["false"]), story("US-2", HOLD, write("US-2.txt", "x")))
    repo.configure(notify=noting(tree), restart={"max_attempts": 1})
    repo.commit()
    run = tree.begin("start")
    tree.wait(lambda: said(tree), "it is told", run)
    other = Path(tree.env["TMPDIR"], "other")
    settings = {"notify": ["sh", "-c", f"echo {{event}} >> {other}"], "notify_on": ["root_ended"]}
    repo.configure(**settings, restart={"max_attempts": 1})
    repo.seal()
    run.signal(signal.SIGHUP)
    tree.wait_event("reloaded")
    tree.go()
    run.wait_exit(1)
    assert other.read_text() == "root_ended\n"
    assert [line.partition("|")[0] for line in said(tree)] == ["story_failed"]


def test_no_secret_is_in_a_message(repo: Repo, tree: Tree) -> None:
    repo.prd(story("US-1", verify=["false hunter2-hunter2"]))
    repo.configure(
        notify=["sh", "-c", 'printf "%s" "$1" >> "$0"', f"{tree.env['TMPDIR']}/said", "{body}"],
        agent={"secret_env": ["PASSWORD"]},
        restart={"max_attempts": 1},
    )
    repo.commit()
    tree.env["PASSWORD"] = "hunter2-hunter2"  # noqa: S105  no secret
    tree.run("start", code=1)
    told = "".join(said(tree))
    assert "`false [redacted:PASSWORD]` exited with 1" in told
    assert "hunter2" not in told


def refused(tree: Tree, repo: Repo, **settings: Any) -> str:  # noqa: ANN401  TOML
    repo.configure(**settings)
    repo.seal()
    return tree.run("start", code=78).err


def test_settings_that_would_notify_nobody_are_refused_before_the_night(
    repo: Repo, tree: Tree
) -> None:
    repo.prd(story("US-1"))
    repo.commit()
    text = refused(tree, repo, notify=["sh", "{titel}"])
    assert "prd-supervise.toml:1:1: notify: '{titel}' is no placeholder" in text
    assert "'title'" in text
    assert "nothing that people are notified of" in refused(tree, repo, notify_on=["prd_done"])
    assert "cannot be run" in refused(tree, repo, notify=["no-such-program", "{title}"])
    assert "this is no web address" in refused(tree, repo, webhook="ftp://example.org/x")
    secret = refused(tree, repo, webhook="https://me:hunter2@example.org/x")
    assert "no name or password" in secret
    assert "hunter2" not in secret
    headers = ["Authorization: Bearer hunter2"]
    secret = refused(tree, repo, webhook="https://example.org/x", webhook_headers=headers)
    assert "write the name of a variable" in secret
    assert "hunter2" not in secret
    headers = ["X-Token: $NOT_SET_HERE"]
    text = refused(tree, repo, webhook="https://example.org/x", webhook_headers=headers)
    assert "the variable NOT_SET_HERE is not set here" in text
    repo.configure(webhook="http://example.org/x")
    repo.seal()
    warned = tree.run("check", code=0).out
    assert "prd-supervise.toml:1:1: warning: webhook: http:// can be read on its way" in warned


def test_one_message_is_sent_to_try_it(repo: Repo, tree: Tree) -> None:
    repo.commit()
    assert "nobody is notified" in tree.run("notify", code=0).out
    assert "nobody is notified" in tree.run("notify", "--test", code=2).err
    with webhook(400) as hook:
        repo.configure(notify=noting(tree), webhook=hook.url)
        repo.seal()
        done = tree.run("notify", "--test", code=1)
        assert "command   delivered after" in done.out
        assert "answered 400 Bad Request: said so" in done.out
        assert said(tree) == ["test||prd-supervise can reach you"]
        assert hook.events() == ["test"]
        shown = tree.run("notify", code=0).out
        assert "s3cr3t-part" not in shown + done.out
    tree.wait_gone()
