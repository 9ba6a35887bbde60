"""SIGTERM to root alone, as `systemctl stop` sends it, wherever the tree is: all goes on later."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.support.as_service import manager, service
from tests.support.e2e_processes import kill
from tests.support.e2e_repo import HOLD, Repo, story, write
from tests.support.held_git import HeldGit
from tests.support.tree import Tree
from tests.support.tree_run import Run

__all__ = ["manager", "service"]

GRACE_S = 6.0
SLACK_S = 20.0  # of a loaded machine; the rule is the grace
AT_WORK = [write("half.txt", "half\n"), {"say": "at work"}, HOLD, write("US-1.txt", "x\n")]
WAIT = 'touch "$TMPDIR/reached"; until [ -e "$TMPDIR/go" ]; do sleep 0.02; done'
ON_MERGED = f'test -s US-1.txt || exit 1; case "$PRD_SUPERVISE_WORKTREE" in */ALPHA) {WAIT};; esac'

Phase = Callable[[Repo, Tree, HeldGit], Run]


def begin(repo: Repo, tree: Tree, *, one: Sequence[object] = (), **fields: object) -> Run:
    repo.prd(story("US-1", *one, **fields), story("US-2", dependsOn=["US-1"]))
    repo.commit()
    return tree.begin("start", "--watch")


def configure(repo: Repo, **tables: object) -> None:
    repo.configure(grace_s=GRACE_S, **tables)


def reached(tree: Tree, run: Run) -> Run:
    tree.wait(Path(tree.env["TMPDIR"], "reached").exists, "the phase", run)
    return run


def preparing(repo: Repo, tree: Tree, git: HeldGit) -> Run:
    """No lock is held yet: root's process asks git where it is."""
    configure(repo)
    git.hold("bin/prd-supervise", "rev-parse")
    run = begin(repo, tree)
    tree.wait(git.is_reached, "git", run)
    return run


def opening(repo: Repo, tree: Tree, git: HeldGit) -> Run:
    configure(repo)
    git.hold("git ALPHA", "")
    run = begin(repo, tree)
    tree.wait(git.is_reached, "git", run)
    return run


def recovering(repo: Repo, tree: Tree, git: HeldGit) -> Run:
    """What a killed tree has left is looked at: by journal and branch."""
    configure(repo)
    before = begin(repo, tree, one=AT_WORK)
    tree.wait_said("US-1", "at work")
    kill(before.pid)
    before.wait_exit(-9)
    tree.wait_gone()
    git.hold("git ALPHA", "")
    run = tree.begin("resume", "--watch")
    tree.wait(git.is_reached, "git", run)
    return run


def setting_up(repo: Repo, tree: Tree, _git: HeldGit) -> Run:
    configure(repo, worktree={"setup": [WAIT]})
    return reached(tree, begin(repo, tree))


def running(repo: Repo, tree: Tree, _git: HeldGit) -> Run:
    configure(repo)
    run = begin(repo, tree, one=AT_WORK)
    tree.wait_said("US-1", "at work")
    return run


def backing_off(repo: Repo, tree: Tree, _git: HeldGit) -> Run:
    configure(repo, restart={"backoff_base_s": 60, "backoff_cap_s": 60, "period_s": 9000})
    run = begin(repo, tree, replay=[[{"exit": 1}], [write("US-1.txt", "x\n")]])
    tree.wait_event("attempt_failed")
    repo.configure()
    return run


def limited(repo: Repo, tree: Tree, _git: HeldGit) -> Run:
    configure(repo)
    first, second = [{"limit": {"in_s": 3600.0}}], [write("US-1.txt", "x\n")]
    run = begin(repo, tree, replay=[first, second])
    tree.wait_event("agent_parked")
    return run


def verifying(repo: Repo, tree: Tree, _git: HeldGit) -> Run:
    configure(repo)
    return reached(tree, begin(repo, tree, verify=[f"test -s US-1.txt || exit 1; {WAIT}"]))


def verifying_the_merge(repo: Repo, tree: Tree, _git: HeldGit) -> Run:
    configure(repo)
    return reached(tree, begin(repo, tree, verify=[ON_MERGED]))


def publishing(repo: Repo, tree: Tree, git: HeldGit) -> Run:
    """The PRD's branch is about to move."""
    configure(repo)
    git.hold("git ALPHA", "update-ref")
    run = begin(repo, tree, one=[write("US-1.txt", "x\n")])
    tree.wait(git.is_reached, "git", run)
    return run


def landing(repo: Repo, tree: Tree, _git: HeldGit) -> Run:
    configure(repo, merge={"auto": True, "base": "develop"})
    on_develop = f'git log -1 --format=%s | grep -q "^Merge ALPHA" || exit 0; {WAIT}'
    repo.prd(story("US-1", verify=[on_develop]), story("US-2", verify=["true"]))
    repo.commit()
    repo.git("branch", "develop")
    repo.seal()
    repo.disown("refs/heads/develop")
    return reached(tree, tree.begin("start", "--watch"))


def asking(repo: Repo, tree: Tree, _git: HeldGit) -> Run:
    configure(repo, approve="merge")
    run = begin(repo, tree)
    tree.wait_event("approval_wanted", story="US-1")
    repo.configure()
    return run


def held(repo: Repo, tree: Tree, _git: HeldGit) -> Run:
    configure(repo)
    run = begin(repo, tree, one=AT_WORK)
    tree.wait_said("US-1", "at work")
    tree.run("hold", "ALPHA", code=0)
    tree.go()
    tree.wait_event("merged", story="US-1")
    return run


PHASES: tuple[Phase, ...] = (
    *(preparing, opening, recovering, setting_up, running, backing_off, limited),
    *(verifying, verifying_the_merge, publishing, landing, asking, held),
)


@pytest.mark.parametrize("phase", PHASES, ids=lambda phase: phase.__name__)
def test_a_stop_ends_all_in_time_and_a_resume_goes_on(
    repo: Repo, service: Tree, tmp_path: Path, phase: Phase
) -> None:
    tree, git = service, HeldGit(service, tmp_path)
    run = phase(repo, tree, git)
    repo.seal()

    began_s = time.monotonic()
    run.signal(signal.SIGTERM)
    run.wait_exit(75)
    took_s = time.monotonic() - began_s

    assert took_s < GRACE_S + SLACK_S
    assert not tree.everybody()
    git.go()
    tree.go()
    go_on(repo, tree, phase)


def go_on(repo: Repo, tree: Tree, phase: Phase) -> None:
    """Resume as a person does: to the end, with each story merged once and no attempt lost."""
    del tree.env["NOTIFY_SOCKET"]
    if phase is backing_off or phase is asking:
        repo.seal()
    run = tree.begin("start" if phase is preparing else "resume")
    if phase is limited:
        tree.wait(lambda: tree.run("release", "--agent", "replay").code == 0, "a release", run)
    if phase is asking:
        tree.wait(lambda: tree.run("approve", "US-1").code == 0, "the approval", run)
    if phase is held:
        tree.wait(lambda: tree.run("release", "ALPHA").code == 0, "the release", run)
    run.wait_exit(0)
    assert sorted(repo.merged("feature/ALPHA")) == ["ALPHA/US-1", "ALPHA/US-2"]
    lost = [] if phase is not backing_off else ["US-1"]
    assert [each["story"] for each in tree.events("attempt_failed")] == lost
