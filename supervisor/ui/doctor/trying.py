"""What doctor tries out: a worktree as a story gets one, and the verify commands in it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

from ....policies.outcomes.outcome import CommandRun
from ....policies.values import replace
from ....workers.git.commands import FAILURES, GIT_TIMEOUT_S, one_line
from ....workers.git.place import Place, open_place
from ....workers.messages.rules import Rules, WorktreeRules
from ....workers.verify_trial import Tried, Wanted, scratch_worktree, try_verify
from ...shell.repository.checkout import keep_out_of_git
from ..settings.secrecy import secret_rules
from ..words.times import duration
from .around import Here
from .words import Line, fail, ok, warn

_TAIL_LINES = 3
_LONG = 0.5  # of its timeout


def worktree_lines(here: Here) -> Iterator[Line]:
    """Make one, look how long that takes, and remove it; without copies, links and setup."""
    begun = time.monotonic()
    try:
        with scratch_worktree(_place(here, WorktreeRules()), here.checkout.head):
            took = time.monotonic() - begun
    except FAILURES as error:
        advice = "`git fsck` and the place for worktrees tell more; `start` would fail alike"
        yield fail("worktree", f"none can be made: {one_line(str(error))}", advice)
        return
    yield ok("worktree", f"one was made in {duration(took)}, and removed")


def verify_lines(here: Here) -> Iterator[Line]:
    """Set a worktree up and run the verify commands on what is committed, as a story would."""
    commands = here.settings.verify.commands
    if not commands and not here.settings.worktree.setup:
        advice = 'commands = ["make test"] under [verify]; those of PRDs are tried by `start`'
        yield warn("on the base", "the settings have no verify commands to be run", advice)
        return
    rules = here.settings.worktree.rules()
    keep_out_of_git(here.checkout, here.layout.state_dir, here.layout.worktrees)
    verify = here.settings.verify
    wanted = Wanted(
        commit=here.checkout.head,
        commands=commands,
        timeout_s=verify.timeout_s,
        env=verify.env,
    )
    try:
        tried = try_verify(_place(here, rules), wanted, os.environ)
    except FAILURES as error:
        yield fail("on the base", one_line(str(error)), "mend that; a story could not begin")
        return
    yield from _of(tried, here)


def _of(tried: Tried, here: Here) -> Iterator[Line]:
    run, timeout_s = tried.run, here.settings.verify.timeout_s
    if run.setup_s:
        yield ok("setup", f"passed in {duration(run.setup_s)}, once in every worktree")
    for each in run.commands:
        if each.exit_code == 0:
            yield _passed(each, timeout_s)
            continue
        how = "timed out" if each.exit_code is None else f"ended with {each.exit_code}"
        tail = " | ".join(line.strip() for line in tried.tail.splitlines() if line.strip())
        said = " | ".join(tail.split(" | ")[-_TAIL_LINES:])
        advice = "commit what it needs, or name it in [worktree] setup, copy or link"
        yield fail("on the base", f"`{each.command}` {how} after {_took(each)}: {said}", advice)


def _passed(run: CommandRun, timeout_s: float) -> Line:
    text = f"`{run.command}` passed in {_took(run)}"
    if run.duration_s > _LONG * timeout_s:
        advice = f"timeout_s under [verify] is {duration(timeout_s)}: several at once take longer"
        return warn("on the base", text, advice)
    return ok("on the base", text)


def _took(run: CommandRun) -> str:
    return duration(run.duration_s)


def _place(here: Here, rules: WorktreeRules) -> Place:
    secrets = secret_rules(here.settings, here.rules.specs)
    return open_place(
        here.top,
        worktrees=here.layout.worktrees,
        prd_id=f"doctor-{os.getpid()}",  # no PRD of anybody's
        lock_path=here.layout.git_lock,
        timeout_s=GIT_TIMEOUT_S,
        rules=Rules(worktree=replace(rules, free_bytes_min=0), secrets=secrets),
    )
