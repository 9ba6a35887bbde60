"""Metrics of a real tree: counted once, kept over crashes, told to people and to Prometheus."""

from __future__ import annotations

import json
import signal
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from tests.support.e2e_processes import kill
from tests.support.e2e_repo import HOLD, Repo, story, write
from tests.support.tree import Tree


def counters(tree: Tree, *words: str) -> dict[tuple[str, ...], float]:
    document = json.loads(tree.run("metrics", "--json", *words, code=0).out)
    return {
        (each["name"], *each["labels"].values()): each["value"] for each in document["counters"]
    }


def histograms(tree: Tree) -> dict[tuple[str, ...], dict[str, Any]]:
    document = json.loads(tree.run("metrics", "--json", code=0).out)
    return {(each["name"], *each["labels"].values()): each for each in document["histograms"]}


def samples(text: str) -> dict[tuple[str, ...], float]:
    """What a Prometheus reads there, without what all samples have in common."""
    return {
        (each.name, *(value for name, value in each.labels.items() if name != "repository")): (
            each.value
        )
        for family in text_string_to_metric_families(text)
        for each in family.samples
    }


def test_a_night_is_counted_and_timed(repo: Repo, tree: Tree) -> None:
    repo.prd(story("US-1"), story("US-2"), story("US-3", verify=["false"]))
    repo.configure(restart={"max_attempts": 2})
    repo.commit()

    tree.run("start", code=1)

    counted = counters(tree)
    assert counted["stories_total", "ALPHA", "done"] == 2
    assert counted["stories_total", "ALPHA", "failed"] == 1
    assert counted["attempts_total", "ALPHA"] == 4
    assert counted["attempts_lost_total", "ALPHA", "verify_failed"] == 2
    assert counted["prds_total", "failed"] == 1
    timed = histograms(tree)
    assert timed["agent_seconds", "replay", "normal"]["count"] == 4
    assert timed["verify_seconds", "merged", "green"]["count"] == 2
    assert timed["story_seconds", "done"]["count"] == 2
    assert timed["git_seconds", "publish_train"]["count"] == 2
    assert timed["lease_wait_seconds",]["count"] == 4
    for each in timed.values():
        assert 0 <= each["p50"] <= each["p90"] <= each["max"] <= each["sum"]
        assert sum(bucket["count"] for bucket in each["buckets"]) == each["count"]
    text = tree.run("metrics", code=0).out
    assert "stories     2 done, 1 failed" in text
    assert "attempts    4 begun, 2 lost: 2 verify failed" in text


def test_counters_go_on_over_a_root_that_is_killed_and_a_torn_line(repo: Repo, tree: Tree) -> None:
    repo.prd(story("US-1"), story("US-2", HOLD, write("US-2.txt", "x\n"), dependsOn=["US-1"]))
    repo.commit()
    run = tree.begin("start")
    tree.wait(lambda: counters(tree).get(("stories_total", "ALPHA", "done")) == 1, "counted", run)
    run.signal(signal.SIGKILL)
    run.wait_exit(None)
    tree.wait_gone()
    with (repo.state / "metrics.jsonl").open("a") as file:
        file.write('{"v":1,"number":99,"at":17')
    tree.go()

    tree.run("resume", code=0)

    counted = counters(tree)
    assert counted["stories_total", "ALPHA", "done"] == 2
    assert counted["root_starts_total",] == 2
    assert counted["attempts_total", "ALPHA"] == 3
    tree.run("resume", code=0)
    assert counters(tree)["stories_total", "ALPHA", "done"] == 2, "who is done is counted once"
    assert ("stories_total", "ALPHA", "done") not in counters(tree, "--since", "0s")
    assert not tree.run("metrics", code=0).err
    with (repo.state / "metrics.jsonl").open("a") as file:
        file.write('{"v":2,"all":"else"}\n')
    assert "a newer version has written here" in tree.run("metrics", code=0).err


def test_prometheus_reads_the_text_file_of_a_tree_at_work_and_of_one_that_has_ended(
    repo: Repo, tree: Tree
) -> None:
    page = repo.path.parent / "tree.prom"
    repo.prd(story("US-1", HOLD, write("US-1.txt", "x\n")))
    repo.configure(metrics_textfile=str(page))
    repo.commit()
    run = tree.begin("start")
    tree.wait(page.exists, "the file is there", run)
    tree.wait_event("attempt_started")
    assert samples(page.read_text())["prd_supervise_up",] == 1
    assert page.stat().st_mode & 0o777 == 0o644
    tree.go()
    run.wait_exit(0)

    found = samples(page.read_text())

    assert found["prd_supervise_up",] == 0
    assert found["prd_supervise_stories_total", "ALPHA", "done"] == 1
    assert found["prd_supervise_agent_seconds_count", "replay", "normal"] == 1
    assert found["prd_supervise_agent_seconds_bucket", "replay", "normal", "+Inf"] == 1
    assert [each.name for each in page.parent.iterdir() if each.suffix == ".tmp"] == []
    printed = samples(tree.run("metrics", "--prometheus", code=0).out)
    assert printed == found


def test_metrics_that_cannot_be_kept_are_told_and_keep_no_tree_from_its_work(
    repo: Repo, tree: Tree
) -> None:
    repo.prd(story("US-1"))
    repo.commit()
    (repo.state / "metrics.jsonl").mkdir(parents=True)
    tree.run("start", code=0)
    (told,) = tree.events("metrics_stale")
    assert "metrics.jsonl cannot be written: Is a directory" in told["text"]
    shown = tree.run("metrics", code=1).err
    assert "metrics.jsonl cannot be read: Is a directory; mend or remove it" in shown


def test_a_text_file_that_cannot_be_written_keeps_a_tree_from_starting(
    repo: Repo, tree: Tree
) -> None:
    repo.prd(story("US-1"))
    other = repo.path.parent / "theirs.prom"
    other.write_text("node_up 1\n")
    repo.commit()
    for path, words in (
        ("/nowhere/at/all.prom", "there is no folder /nowhere/at"),
        (str(repo.path.parent / "tree.txt"), "its name has to end with .prom"),
        (str(other), "something else is there"),
    ):
        repo.configure(metrics_textfile=path)
        repo.seal()
        for command in ("start", "check"):
            # `check` may run on another machine than the night: there it is a warning.
            done = tree.run(command, code=78 if command == "start" else 0)
            warning = "" if command == "start" else "warning: "
            told = f"prd-supervise.toml:1:1: {warning}metrics_textfile: {path}: {words}"
            assert told in done.out + done.err
    assert other.read_text() == "node_up 1\n"


def test_nothing_measured_is_said_so_and_two_forms_are_refused(repo: Repo, tree: Tree) -> None:
    repo.commit()
    assert tree.run("metrics", code=0).out.startswith("nothing was measured here yet")
    assert samples(tree.run("metrics", "--prometheus", code=0).out) == {}
    assert json.loads(tree.run("metrics", "--json", code=0).out)["from"] is None
    assert "write one of them" in tree.run("metrics", "--json", "--prometheus", code=2).err
    assert "this is no time" in tree.run("metrics", "--since", "soon", code=2).err


def test_a_limit_is_counted_once_and_how_long_nothing_could_start(repo: Repo, tree: Tree) -> None:
    limit = {"limit": {"in_s": 3600.0}}
    repo.prd(story("US-1", replay=[[limit], [write("US-1.txt", "x\n")]]), story("US-2"))
    repo.configure(max_workers=1)
    repo.commit()
    run = tree.begin("start")
    tree.wait_event("agent_parked")
    tree.run("release", "--agent", "replay", code=0)
    run.wait_exit(0)

    counted = counters(tree)

    assert counted["limits_total", "replay", "rate_limited"] == 1
    assert counted["parked_seconds_total", "replay"] > 0
    assert "limits      replay 1 x" in tree.run("metrics").out


def test_deaths_are_counted_by_who_died_and_of_what(repo: Repo, tree: Tree) -> None:
    repo.prd(story("US-1", HOLD, write("US-1.txt", "x\n")))
    repo.commit()
    run = tree.begin("start")
    tree.wait_event("attempt_started")
    kill(tree.pid_of("git ALPHA"))
    tree.wait(lambda: counters(tree).get(("restarts_total", "git", "crash")) == 1, "git", run)
    kill(tree.pid_of("prd ALPHA"))
    tree.wait(lambda: counters(tree).get(("restarts_total", "prd", "crash")) == 1, "prd", run)
    tree.go()
    run.wait_exit(0)
    assert counters(tree)["stories_total", "ALPHA", "done"] == 1
    assert counters(tree)["attempts_lost_total", "ALPHA", "supervisor_died"] == 1
