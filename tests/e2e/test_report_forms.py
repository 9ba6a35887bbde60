from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

from tests.support.e2e_repo import HOLD, Repo, story, write
from tests.support.tree import Tree


@pytest.fixture
def night(repo: Repo, tree: Tree) -> Tree:
    """A run in which one story was merged after a red attempt, one failed and one was skipped."""
    red = {"run": ["sh", "-c", "echo the wheel came off >&2; exit 3"]}
    repo.prd(
        story("A", replay=[[write("A.txt", "")], [write("A.txt", "a\n"), write("README", "x\n")]]),
        story("B", red, {"exit": 3}, title="B with a `tick` and a <tag>"),
        story("C", dependsOn=["B"]),
    )
    repo.configure(restart={"max_attempts": 2, "backoff_base_s": 0.05, "backoff_cap_s": 0.2})
    repo.commit()
    tree.begin().wait_exit(1)
    return tree


def test_what_wants_somebody_comes_first_with_what_to_type(night: Tree) -> None:
    text = night.run("report", code=0).out
    head, _, rest = text.partition("\n")
    assert head.startswith("1 of 3 stories merged in ")
    assert head.endswith("; 1 failed, 1 skipped")
    wants = rest.split("Timeline", 1)[0]
    assert "1  ALPHA/B failed: given up after 2 failed attempts" in wants
    assert "     prd-supervise logs ALPHA/B\n" in wants
    assert "     prd-supervise resume ALPHA --retry\n" in wants
    assert "A: verified in its own tree and merged by `test -s A.txt`, red before" in rest
    assert "1 merge of 2 changed files: `git log --first-parent" in rest


def test_the_commands_that_it_names_do_what_they_say(night: Tree) -> None:
    found = json.loads(night.run("report", "--json", code=0).out)
    (want,) = found["wants"]
    logs, again = (command.split() for command in want["commands"])
    assert (logs[0], again[0]) == ("prd-supervise", "prd-supervise")
    assert "the wheel came off" in night.run(*logs[1:], code=0).out
    night.begin(*again[1:]).wait_exit(1)
    assert "attempts" in night.run("report", code=0).out


def test_each_story_has_its_evidence_in_the_document(night: Tree) -> None:
    (prd,) = json.loads(night.run("report", "--json", code=0).out)["prds"]
    a, b, c = prd["stories"]
    assert [each["end"] for each in a["tries"]] == ["lost", "merged"]
    assert a["tries"][0]["type"] == "verify_failed"
    runs = a["verified"]
    assert [runs[tree]["is_green"] for tree in ("base", "story", "merged")] == [False, True, True]
    assert runs["merged"]["commands"][0]["command"] == "test -s A.txt"
    assert a["files"] == {
        "created": ["A.txt"],
        "modified": ["README"],
        "deleted": [],
        "not_listed": 0,
    }
    assert a["commit"] in night.repo.git("log", "--format=%H", "feature/ALPHA")
    assert b["failure"]["type"] == "agent_failed"
    assert (c["state"], c["tries"]) == ("skipped", [])


def test_it_is_written_to_a_file_as_a_whole(night: Tree, tmp_path: Path) -> None:
    for form, word in (("--markdown", "## 1 of 3"), ("--html", "<!DOCTYPE html>"), ("--json", "{")):
        path = tmp_path / form
        path.write_text("before", encoding="utf-8")
        night.run("report", form, "-o", str(path), code=0)
        assert path.read_text(encoding="utf-8").startswith(word)
    plain = tmp_path / "plain.txt"
    night.run("report", "-o", str(plain), code=0)
    assert "\x1b" not in plain.read_text(encoding="utf-8")
    assert night.run("report", "--markdown", code=0).out.startswith("## 1 of 3")
    assert "\x1b[" in night.run("report", "--color", "always", code=0).out


def test_where_nothing_can_be_written_it_says_so(night: Tree, tmp_path: Path) -> None:
    nowhere = tmp_path / "no" / "such" / "report.html"
    assert (
        f"{nowhere}: No such file" in night.run("report", "--html", "-o", str(nowhere), code=2).err
    )


def test_what_is_older_is_left_out(night: Tree) -> None:
    told = night.run("report", "--since", "1h", code=0).out
    assert told.startswith("1 of 3 stories merged")
    later = "2999-01-01"
    assert night.run("report", "--since", later, code=0).out == "nothing was at work since then\n"
    assert "this is no time" in night.run("report", "--since", "soon", code=2).err
    measured = night.run("metrics", "--since", later, code=0).out
    assert measured == "nothing was measured since 2999-01-01 00:00\n"


def test_what_cannot_be_meant_is_refused_with_what_can(night: Tree) -> None:
    err = night.run("report", "--json", "--html", code=2).err
    assert "--json and --html are 2 forms; write one of them" in err
    err = night.run("report", "ALPHA/A", code=2).err
    assert "ALPHA/A: a report is of whole PRDs; `prd-supervise status ALPHA/A` has all" in err


def test_the_status_of_a_story_names_its_merge_as_the_report_does(night: Tree) -> None:
    (prd,) = json.loads(night.run("report", "--json", code=0).out)["prds"]
    merged = {each["id"]: each["commit"] for each in prd["stories"]}
    for name, commit in merged.items():
        found = json.loads(night.run("status", f"ALPHA/{name}", "--json", code=0).out)
        assert (found["merged_as"], found["gaps"]) == (commit, [])
    assert merged["A"]
    assert f"merged    as {merged['A'][:10]}\n" in night.run("status", "A", code=0).out


def test_the_last_lines_of_a_run_say_where_there_is_more(repo: Repo, tree: Tree) -> None:
    repo.prd(story("A"))
    repo.commit()
    out = tree.begin().wait_exit(0)
    assert "the story is merged in " in out
    assert out.rstrip().splitlines()[-1].startswith("`prd-supervise report` shows this again")


def test_a_root_that_does_not_answer_keeps_nobody_waiting(repo: Repo, tree: Tree) -> None:
    repo.prd(story("A"), story("B", HOLD, dependsOn=["A"]))
    repo.commit()
    run = tree.begin()
    tree.wait_event("merged", story="A")
    tree.wait_event("attempt_started", story="B")
    os.kill(run.pid, signal.SIGSTOP)
    try:
        done = tree.run("report", code=0)
    finally:
        os.kill(run.pid, signal.SIGCONT)
    assert "1 of 2 stories merged" in done.out
    assert "; this is what was known " in done.err
    tree.go()
    run.wait_exit(None)


def test_what_waits_for_a_word_is_at_the_top_with_how_to_say_it(repo: Repo, tree: Tree) -> None:
    repo.configure(approve="merge")
    repo.prd(story("A"))
    repo.commit()
    run = tree.begin()
    tree.wait_event("approval_wanted", story="A")
    tree.wait(lambda: tree.prd()["stories"]["A"]["awaits"], "it is shown", run)

    text = tree.run("report", code=0).out

    assert text.split("\n", 1)[0].endswith("; 1 waits for you")
    words = [line.split() for line in text.splitlines() if line.startswith("     prd-supervise")]
    assert words[0] == ["prd-supervise", "approve", "ALPHA/A"]
    diff = next(line for line in text.splitlines() if "git diff" in line).split("`")[1].split()
    assert "+A" in repo.git(*diff[1:])
    tree.run(*words[0][1:], code=0)
    run.wait_exit(0)
    assert "the story is merged" in tree.run("report", code=0).out
