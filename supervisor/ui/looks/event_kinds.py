"""Every type of event, with what it says; a test holds docs/events.md to the same table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .journal import Priority
from .rows import Tone

GROUPS: Mapping[str, Mapping[str, str]] = {
    "The run": {
        "root_started": "root runs",
        "root_ended": "root has ended; its exit code",
        "root_crashed": "the root before was ended by a fatal signal; where its stacks are",
        "stopping": "a stop was asked for; until when everything ends",
        "taken_over": "the state of an older version is this one's now; where it stands as it was",
        "upgraded": "another version was installed under the running tree, which ends for it",
        "swept": "processes that an earlier run had left were ended",
        "rebooted": "the machine was restarted since root ran last; when",
        "mended": "a damaged file of ours was set aside; nothing is lost, or what was cut off",
        "repaired": "it goes on without records that are lost (`resume --repair`); which",
        "signal_passed_over": "a signal came that means nothing to root, and ends nothing",
        "failing_fast": "a story failed and the run is to end at that (`--fail-fast`)",
        "watching": "PRDs are taken as they appear and change (`--watch`)",
        "reloaded": "configuration and PRDs were read again",
        "reload_failed": "what a file says now cannot be taken; nothing of it is changed",
        "plan_changed": "a PRD's document says something new; what follows",
        "workers_changed": "how many stories may run at once in a PRD has changed, and why",
        "host_short": "the host is short of something: no new agent starts",
        "host_recovered": "that is over",
        "storage_full": "the journal cannot be written: nothing new starts",
        "storage_has_room": "that is over",
        "samples_missed": "what stories use could not be measured",
        "metrics_stale": "the metrics file could not be written",
        "manager_not_told": "the service manager cannot be told of root; why",
        "watchdog_withheld": "root tells the watchdog no more that all is well; why",
        "notify_failed": "a notification did not arrive; further ones are counted",
        "notify_waits": "the end waits for notifications on their way; how long at most",
        "notify_works": "they arrive again; how many were lost",
        "tidied": "what was finished and older than `[keep] days` was removed",
        "kept_back": "old work is kept, because nothing else holds it",
        "not_tidied": "it could not be removed; why",
    },
    "A PRD": {
        "prd_completed": "every story is done",
        "prd_failed": "it has ended, and some story is not done; why",
        "prd_stopped": "it has ended with work left; `resume` goes on",
        "prd_failing": "its supervisor is about to fail; why",
        "prd_restarting": "its supervisor died and is started again",
        "prd_restart_asked": "a person wants its supervisor started anew",
        "held": "a person holds it, or a story: nothing new of it begins",
        "released": "it goes on",
        "retried": "what failed or was skipped gets a new start",
        "not_marked": "the PRD file could not be marked",
        "not_compared": "what the PRD file said before could not be read",
        "not_moved": "the PRD file was not moved",
        "prd_file_kept": "what was done to the PRD file in its branch stays",
        "prd_file_replaced": "the PRD file in its branch was put back as the user has it",
        "tidy_up_failed": "worktrees could not be tidied up",
    },
    "A story": {
        "attempt_started": "an attempt begins",
        "set_up": "its worktree is set up",
        "agent_ended": "its agent has ended, how, and after how long",
        "verified": "the verify commands passed in its worktree",
        "remark": "something worth a look: tests that it changed, files that verify runs",
        "tampering": "it changed criteria or commands of its PRD; they are put back",
        "reviewed": "the reviewer's verdict",
        "review_put_off": "the reviewer cannot be started now",
        "review_failed": "the reviewer gave no answer",
        "not_reviewed": "it goes on unreviewed, because the reviewer gave none",
        "merged": "it is done: merged, with the evidence",
        "done": "it is done without a merge (`noCode`), with the evidence",
        "attempt_failed": "an attempt was lost and counts towards `max_attempts`; why",
        "attempt_stopped": "an attempt was lost and counts for nothing; why",
        "goes_again": "it goes again because of what others merged, and that counts for nothing",
        "story_failed": "it is given up; why, and its story",
        "story_skipped": "it cannot be done, because a story that it needs was not",
        "story_waits": "a story that it needs may come yet",
        "reopened": "it was done and is open again",
        "kept_done": "its document marks it as done, so it stays done",
        "base_red": "its verify commands were red before any work",
        "undead": "its worker was killed and is not gone; nothing takes its place before it is",
    },
    "Approval": {
        "approval_wanted": "it waits for a person's `approve` or `reject`",
        "approved": "a person approved it",
        "rejected": "a person rejected it; the reason is in the next prompt",
        "answer_late": "an approval or a rejection came too late",
    },
    "Merging": {
        "conflict_predicted": "it would conflict with another story as both stand",
        "conflict_gone": "it would no longer",
        "conflict_resolved": "a conflict was resolved without anybody",
        "merge_waits": "it conflicts with a story in front of it, and waits for the next train",
        "merge_doubted": "git sees no conflict, but the merge would contradict itself",
        "train_assembled": "ready stories are merged on each other, to be verified together",
        "train_merged": "all of them are green together, and merged",
        "train_red": "stories that were merged together are red; the culprit is looked for",
        "train_dissolved": "stories that were merged together go one by one",
        "verify_by_story": "verify commands differ from story to story: each is verified alone",
        "check_ignored": "a type check is red without the story, too: it says nothing",
        "formatted": "files were formatted after the merge",
        "format_failed": "the formatter failed; the merge goes on without it",
        "overlap": "another PRD works on the same files: their branches will meet",
        "files_taken": "it waits for a story of another PRD that has the same files",
    },
    "Landing": {
        "landed": "the PRD's branch is in the base",
        "not_landed": "it is not, and why",
        "landing_moved": "the base has moved: it is merged again on top of it",
        "pushed": "the base is pushed",
        "not_pushed": "it is not, and why",
        "rolled_back": "the PRD failed: what it had merged is taken out of its branch",
        "not_rolled_back": "it could not be taken out, and why",
    },
    "Limits": {
        "agent_parked": "an agent's account has met a limit: until when none of it starts",
        "agent_trial": "one start is tried, before the others follow",
        "agent_opened": "the agent is started again",
        "agent_closed": "it has no login or no credit, or cannot be started: what to do",
        "agent_strained": "its account comes near a limit: fewer run at once, or all again",
        "budget_used": "a budget is used up: nothing of it starts an agent any more",
        "budget_released": "a person lets it spend as much again",
        "budget_taken": "a story goes on with a budget of its own that has changed",
        "memory_high": "a story comes near its memory",
        "memory_stopped": "it stayed above `memory_high`: its attempt ends",
        "memory_killed": "it came above `memory_max`: its attempt was killed",
        "processes_killed": "it has too many processes: its attempt was killed",
        "cpu_limited": "it gets less of the processor",
        "cpu_niced": "it gives way to others",
        "cpu_eased": "it has the processor again",
        "cpu_killed": "it used too much of the processor for too long",
    },
    "Git": {
        "git_mended": "what a killed git had left was mended",
        "branch_moved": "somebody moved the PRD's branch: its commits are taken over",
        "branch_rewritten": "somebody rewrote it",
        "branch_put_back": "it was deleted or renamed, and is there again",
        "branch_delayed": "the branch cannot be opened yet, and why",
        "branch_begins_anew": "it was removed, and begins anew",
        "salvaged": "work that nobody had committed was kept under a ref",
        "stashed": "what was found in a stash was kept",
        "set_aside": "something that git cannot keep was moved aside",
        "not_committed": "a file could not be committed; why",
        "submodule_empty": "a submodule is not there",
        "not_furnished": "a file or folder could not be brought into a worktree",
        "worktree_given_up": "a story has lost its worktree; its work is kept",
        "worktrees_short": "there are fewer worktrees than are wanted; why",
        "worktrees_again": "there are enough again",
        "secret_kept_out": "a file with a secret was not committed",
        "secret_set_aside": "a secret was kept out of the branch, and lies aside",
        "secret_not_copied": "a file with secrets was not brought into a worktree",
        "outside": "files or branches outside of a worktree have changed",
    },
    "Processes": {
        "hang_warned": "a process of the tree gives no sign of life; for how long",
        "hang_dumped": "its stacks are in `supervise.log`",
        "hang_terminated": "it got SIGTERM for that",
        "hang_killed": "it got SIGKILL for that",
        "hang_over": "it gives signs of life again",
        "stopped_by_somebody": "it was stopped (SIGSTOP), by nobody of the tree",
        "continued": "it goes on",
    },
    "In the story of a child alone (`--child`)": {
        "run_begun": "a run begins: its budget counts from here",
        "prd_accepted": "root has taken the PRD, from which file and commit",
        "prd_begun": "its supervisor starts",
        "retry_asked": "a person wants a retry",
        "branch": "the branch that it works on, and where that began",
        "begun_anew": "it was rolled back, and begins anew",
        "rollback": "it failed: what it merged is to be taken out",
        "rollback_refused": "that is not possible; why",
        "landing_over": "how its landing ended",
        "started": "a process was started",
        "ready": "it serves",
        "died": "it died; when it is started again",
        "down": "it died while it was held",
        "ended": "it has ended",
        "given_up": "it died too often",
        "ceiling": "root wants an attempt ended for what it uses",
        "worktree_ready": "the story has a worktree",
        "agent_started": "its agent runs; the process",
        "session_known": "what the agent calls its conversation",
        "usage": "what was used so far",
        "budget_free": "it may spend again",
        "work_kept": "what the agent left is committed",
        "verify_over": "verify commands are over, where, and how they ended",
        "review_started": "a reviewer begins",
        "review_ended": "its verdict, or why there is none",
        "reset": "it gets a new start",
        "prd_forgotten": "it ended long ago, and nothing of it is left",
        "answered": "root has a person's answer, and keeps it for the PRD",
        "answer_taken": "the PRD has it",
        "asked_anew": "a person is asked again whether the PRD is complete",
    },
}
KINDS: Mapping[str, str] = {name: says for group in GROUPS.values() for name, says in group.items()}
GOOD = frozenset({"merged", "done", "prd_completed", "verified", "landed", "pushed", "approved"})
BAD = frozenset(  # what `--failed` shows: somebody wants to know of it in the morning
    "story_failed story_skipped attempt_failed prd_failed prd_failing prd_restarting prd_stopped "
    "tampering outside undead not_landed not_pushed rolled_back not_rolled_back "
    "rollback_refused review_failed not_reviewed reload_failed storage_full host_short "
    "agent_closed budget_used memory_killed memory_stopped processes_killed cpu_killed rejected "
    "not_committed not_furnished worktrees_short secret_kept_out format_failed died given_up "
    "failing_fast tidy_up_failed notify_failed root_crashed manager_not_told "
    "watchdog_withheld".split()
)
_WARN = frozenset({*GROUPS["Limits"], *GROUPS["Approval"], "held", "retried", "stopping"})

_PRIORITIES = {
    Priority.ERROR: frozenset(  # it failed, and nobody goes on with it by himself
        "story_failed prd_failed prd_failing given_up failing_fast not_landed not_pushed "
        "not_rolled_back rollback_refused undead storage_full agent_closed reload_failed "
        "root_crashed watchdog_withheld".split()
    ),
    Priority.DEBUG: frozenset(
        "set_up train_assembled landing_moved cpu_niced cpu_eased formatted verify_by_story".split()
    ),
    Priority.NOTICE: frozenset(  # a milestone
        "root_started root_ended stopping swept reloaded released retried held agent_opened "
        "budget_released storage_has_room host_recovered rebooted upgraded taken_over".split()
    )
    | GOOD,
    Priority.WARNING: BAD
    | frozenset(  # it goes on, or waits for somebody
        "agent_parked agent_strained approval_wanted answer_late memory_high metrics_stale "
        "samples_missed branch_rewritten branch_delayed submodule_empty worktree_given_up mended "
        "repaired not_tidied hang_warned hang_dumped hang_terminated hang_killed "
        "stopped_by_somebody".split()
    ),
}


def tone_of(event: Mapping[str, Any]) -> Tone:
    """How an event looks, wherever it is shown."""
    name = str(event.get("event") or "")
    if name in GOOD:
        return Tone.GOOD
    if name in BAD:
        return Tone.BAD
    return Tone.WARN if name in _WARN else Tone.PLAIN


def priority_of(event: Mapping[str, Any]) -> Priority:
    """How much an event matters, in a journal."""
    name = str(event.get("event") or "")
    return next((each for each, names in _PRIORITIES.items() if name in names), Priority.INFO)
