"""Signals that nobody meant, and those of a crash, to any process of the tree."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.support.e2e_processes import is_alive, kill
from tests.support.e2e_repo import HOLD, Repo, story, write
from tests.support.tree import Tree
from tests.support.tree_run import Run

STRAY = (signal.SIGUSR1, signal.SIGALRM, signal.SIGVTALRM, signal.SIGPIPE)
MEMBERS = ("prd ALPHA", "git ALPHA", "story ALPHA/US-1")


def begin_at_work(repo: Repo, tree: Tree, *words: str) -> Run:
    first = [write("half.txt", "half\n"), {"say": "at work"}, HOLD, write("US-1.txt", "x\n")]
    repo.prd(story("US-1", *first), story("US-2", dependsOn=["US-1"]))
    repo.commit()
    run = tree.begin("start", *words)
    tree.wait_said("US-1", "at work")
    return run


def assert_goes_on(repo: Repo, tree: Tree) -> None:
    tree.wait_gone()
    tree.go()
    tree.begin("resume").wait_exit(0)
    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1", "ALPHA/US-2"]
    assert repo.show("feature/ALPHA", "half.txt") == "half\n"


def test_signals_that_mean_nothing_end_nobody(repo: Repo, tree: Tree) -> None:
    run = begin_at_work(repo, tree)
    for number in STRAY:
        for title in MEMBERS:
            kill(tree.pid_of(title), number)
    for number in STRAY[:3]:  # Python ignores SIGPIPE
        run.signal(number)
        run.wait_line(f"{number.name}: it means nothing here")
    tree.go()

    run.wait_exit(0)
    assert not tree.events("prd_restarting")
    assert len(tree.events("attempt_started", story="US-1")) == 1


def test_a_quit_ends_everything_at_once(repo: Repo, tree: Tree) -> None:
    run = begin_at_work(repo, tree, "--grace-s", "600")
    run.signal(signal.SIGQUIT)
    run.wait_exit(75)
    assert_goes_on(repo, tree)


@pytest.mark.parametrize("number", [signal.SIGABRT, signal.SIGUSR2], ids=lambda each: each.name)
def test_a_crash_of_root_leaves_nobody_and_loses_nothing(
    repo: Repo, tree: Tree, number: signal.Signals
) -> None:
    run = begin_at_work(repo, tree)
    run.signal(number)
    if number is signal.SIGUSR2:  # its stacks: it goes on
        log = repo.state / "supervise.log"
        tree.wait(lambda: "Current thread" in log.read_text(), "the stacks", run)
        run.signal(signal.SIGSEGV)
        run.wait_exit(-signal.SIGSEGV)
    else:
        run.wait_exit(-number)
    assert_goes_on(repo, tree)


@pytest.mark.parametrize("title", MEMBERS)
def test_a_crash_of_a_member_is_healed(repo: Repo, tree: Tree, title: str) -> None:
    run = begin_at_work(repo, tree)
    victim = tree.pid_of(title)
    kill(victim, signal.SIGABRT)
    tree.wait(lambda: not is_alive(victim), "the victim's end", run)
    tree.go()
    run.wait_exit(0)
    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1", "ALPHA/US-2"]
    assert repo.show("feature/ALPHA", "half.txt") == "half\n"


def test_a_term_to_everybody_at_once_is_a_stop(repo: Repo, tree: Tree) -> None:
    """As `pkill -f prd-supervise` sends it, or KillMode=control-group."""
    run = begin_at_work(repo, tree)
    for process in tree.everybody():
        kill(process.pid, signal.SIGTERM)
    run.wait_exit(75)
    assert_goes_on(repo, tree)


def test_what_is_killed_in_the_middle_of_its_stop_goes_on(repo: Repo, tree: Tree) -> None:
    """As systemd does when TimeoutStopSec is over: SIGKILL to the whole cgroup."""
    run = begin_at_work(repo, tree, "--grace-s", "600")
    run.signal(signal.SIGTERM)
    run.wait_line("everything ends within 600 s")
    victims = [process.pid for process in tree.everybody()]
    for number in (signal.SIGSTOP, signal.SIGKILL):
        for pid in victims:
            kill(pid, number)
    run.wait_exit(-9)
    assert_goes_on(repo, tree)


@pytest.mark.skipif(not Path("/proc/self/oom_score_adj").exists(), reason="Linux's OOM killer")
def test_the_oom_killer_takes_agents_first_and_root_last(repo: Repo, tree: Tree) -> None:
    def score(pid: int) -> int:
        return int(Path(f"/proc/{pid}/oom_score_adj").read_text(encoding="ascii"))

    run = begin_at_work(repo, tree)
    own, members = score(run.pid), [score(tree.pid_of(title)) for title in MEMBERS]
    ours = {run.pid, *tree.processes().values()}
    others = [each for each in tree.everybody() if each.pid not in ours]
    agents = [score(each.pid) for each in others if "sleep" in " ".join(each.cmdline())]
    tree.go()
    run.wait_exit(0)
    assert own < members[0] < min(members[1:])
    assert max(members) < 500 <= min(agents)
