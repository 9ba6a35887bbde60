"""The public event log and the story of a child, by the command line."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import psutil

from tests.support.e2e_repo import HOLD, Repo, story, write
from tests.support.tree import Tree


def stories_that_take_three_lives(repo: Repo, tree: Tree) -> None:
    """A start that is killed, a resume that is killed, and one that comes to an end."""
    repo.prd(story("US-1", {"say": "at work"}, HOLD, write("US-1.txt", "x\n")), story("US-2"))
    repo.commit()
    for attempt in (1, 2):
        run = tree.begin("start" if attempt == 1 else "resume")
        tree.wait_said("US-1", "at work", attempt)
        run.signal(signal.SIGKILL)
        run.wait_exit(-signal.SIGKILL)
        tree.wait_gone()
    tree.go()
    tree.begin("resume").wait_exit(0)


def test_a_resume_twice_over_still_tells_the_whole_story(repo: Repo, tree: Tree) -> None:
    stories_that_take_three_lives(repo, tree)

    told = tree.run("events", "--child", "ALPHA/US-1", "--json", code=0)

    events = [json.loads(line) for line in told.out.splitlines()]
    begun = [each["attempt"] for each in events if each["event"] == "attempt_started"]
    assert begun == [1, 2, 3]
    assert {(each["prd"], each["story"]) for each in events} == {("ALPHA", "US-1")}
    kinds = [each["event"] for each in events]
    assert kinds.count("merged") == 1, "a record and the note beside it are told once"
    assert {"agent_started", "ready", "ended"} <= set(kinds)
    times = [each["at"] for each in events]
    assert times == sorted(times)
    assert told.err == ""

    as_text = tree.run("events", "--child", "US-1", code=0).out.splitlines()
    assert len(as_text) == len(events)
    assert all("ALPHA/US-1" in line for line in as_text)
    assert tree.run("events", "--child", "US-1", "-n", "2", code=0).out.splitlines() == as_text[-2:]
    whole = tree.run("events", "--child", "ALPHA", code=0).out
    assert whole.count("prd begun") == 3
    assert "ALPHA/US-2" in whole
    assert tree.run("events", "--child", "root", code=0).out.count("prd accepted") == 3


def test_the_public_log_is_shown_from_a_time_on_and_by_number(repo: Repo, tree: Tree) -> None:
    repo.prd(story("US-1"))
    repo.commit()
    assert "nothing has happened here yet" in tree.run("events", code=0).err
    tree.begin().wait_exit(0)

    lines = tree.run("events", code=0).out.splitlines()
    assert "root is pid" in lines[0]
    assert "root ended" in lines[-1]
    assert tree.run("events", "-n", "2", code=0).out.splitlines() == lines[-2:]
    assert tree.run("events", "-n", "0", code=0).out == ""
    assert tree.run("events", "--since", "1h", code=0).out.splitlines() == lines
    assert tree.run("events", "--since", "2100-01-01", code=0).out == ""
    as_json = tree.run("events", "--json", code=0).out
    assert [json.loads(line) for line in as_json.splitlines()] == tree.events()
    refused = tree.run("events", "--since", "yesterday", code=2)
    assert refused.err.startswith("--since 'yesterday': this is no time; write 10m")
    refused = tree.run("events", "--child", "ALPHA/US-9", code=2)
    assert refused.err == "ALPHA/US-9: no such story; there are: US-1; did you mean ALPHA/US-1?\n"
    assert tree.run("events", "--child", "NOPE", code=2).err.startswith("NOPE: no such PRD or")


def test_events_are_followed_from_before_the_first_start_on(repo: Repo, tree: Tree) -> None:
    repo.prd(story("US-1", {"say": "at work"}, HOLD, write("US-1.txt", "x\n")))
    repo.commit()
    all_of_them = tree.begin("events", "-f")
    run = tree.begin()
    tree.wait_said("US-1", "at work")
    one = tree.begin("events", "-f", "--child", "ALPHA/US-1")
    tree.wait(lambda: "attempt 1 begins" in one.output, "the story so far", one)
    assert "merged" not in one.output

    tree.go()
    run.wait_exit(0)

    tree.wait(lambda: "root ended" in all_of_them.output, "the end of the log", all_of_them)
    tree.wait(lambda: "merged            as " in one.output, "the end of the story", one)
    for follower in (all_of_them, one):
        follower.signal(signal.SIGINT)
        follower.wait_exit(130)


def test_the_event_of_a_story_that_is_given_up_bears_its_story(repo: Repo, tree: Tree) -> None:
    repo.configure(restart={"max_attempts": 2})
    repo.prd(story("US-1", {"exit": 3}))
    repo.commit()
    tree.begin().wait_exit(1)

    (failed,) = tree.events("story_failed")

    assert sum("attempt" in line and "begins" in line for line in failed["history"]) == 2
    assert any("agent ended" in line and "3" in line for line in failed["history"])


def test_events_are_chosen_by_type_prd_story_and_what_went_wrong(repo: Repo, tree: Tree) -> None:
    repo.configure(restart={"max_attempts": 2, "backoff_base_s": 0.01})
    repo.prd(story("US-1", {"exit": 3}), story("US-2"))
    repo.commit()
    tree.begin().wait_exit(1)

    def chosen(*words: str) -> list[tuple[str, str | None]]:
        shown = tree.run("events", "--json", *words, code=0).out
        told = [json.loads(line) for line in shown.splitlines()]
        return [(event["event"], event["story"]) for event in told]

    assert chosen("--type", "merged,story-failed") == [
        *(each for each in chosen() if each[0] in {"merged", "story_failed"}),
    ]
    assert chosen("--type", "merged") == [("merged", "US-2")]
    assert chosen("--story", "ALPHA/US-2", "--type", "attempt_started") == [
        ("attempt_started", "US-2")
    ]
    failed = chosen("--failed", "--prd", "ALPHA")
    assert ("story_failed", "US-1") in failed
    assert ("prd_failed", None) in failed
    assert [each for each in failed if each[1] == "US-2"] == []
    assert chosen("US-1") == [each for each in chosen() if each[1] == "US-1"] != []
    assert chosen("ALPHA", "ALPHA/US-1") == chosen("--prd", "ALPHA")
    assert chosen("--until", "2020-01-01") == []
    assert "root ended" in tree.run("events", "-f", "--until", "0s", "-n", "1", code=0).out

    for words, near in (
        (("US-22",), "did you mean ALPHA/US-2"),
        (("--type", "mergd"), "did you mean merged"),
        (("--prd", "ALFA"), "did you mean ALPHA?"),
        (("--story", "US-3"), "did you mean US-"),
        (("--until", "soon"), "this is no time"),
    ):
        assert near in tree.run("events", *words, code=2).err


def test_following_misses_nothing_when_the_log_is_rotated(repo: Repo, tree: Tree) -> None:
    repo.prd(story("US-1"))
    repo.commit()
    tree.begin().wait_exit(0)
    log = repo.state / "events.jsonl"
    event = json.loads(log.read_text().splitlines()[-1]) | {"event": "remark"}
    follower = tree.begin("events", "-f", "-n", "0", "--json")

    def write_to(name: str, first: int) -> None:
        with (repo.state / name).open("a") as file:
            for number in range(first, first + 100):
                file.write(json.dumps(event | {"text": str(number)}) + "\n")

    tree.wait(lambda: follower.pid in opened_by(follower.pid, log), "it follows", follower)
    write_to("events.jsonl", 0)
    log.rename(log.with_suffix(".jsonl.1"))
    write_to("events.jsonl", 100)
    tree.wait(lambda: '"199"' in follower.output, "the last one", follower)
    follower.signal(signal.SIGINT)
    shown = [json.loads(line) for line in follower.wait_exit(130).splitlines() if "{" in line]
    assert [event["text"] for event in shown] == [str(number) for number in range(200)]


def opened_by(pid: int, path: Path) -> list[int]:
    """The pid, where the process has this file open."""
    files = [each.path for each in psutil.Process(pid).open_files()]
    return [pid] if str(path) in files else []
