"""Small faults in the core and the policies, each of which some suite has to catch.

`text` stands exactly once in its file. What a fault would cost stands beside it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mutant:
    """One small fault."""

    file: str
    text: str
    replacement: str
    why: str


RESTART, SPEC = "policies/restart.py", "policies/spec.py"
CHILD, EXITS = "supervisor/core/otp/child.py", "supervisor/core/otp/exits.py"
AGENDA, GATE = "supervisor/core/otp/agenda.py", "supervisor/core/prd/train/gate.py"
TRAIN, ARRIVAL = "supervisor/core/prd/train/train.py", "supervisor/core/prd/train/arrival.py"
DISPATCH, VOIDED = "supervisor/core/prd/train/dispatch.py", "supervisor/core/prd/train/voided.py"
INSPECTION = "supervisor/core/prd/train/inspection.py"
SETTLE, ATTEMPT = "supervisor/core/prd/attempt/settle.py", "supervisor/core/prd/attempt/attempt.py"
CANDIDATES = "supervisor/core/prd/candidates.py"
SCHEDULE = "policies/schedule.py"
NOTICES = "supervisor/core/prd/attempt/worker_notices.py"
EVIDENCE = "supervisor/core/prd/attempt/evidence.py"

MUTANTS = (
    # --- who is restarted, and how often ---
    Mutant(RESTART, "at_s >= now_s - limit.period_s", "at_s > now_s - limit.period_s",
           "a restart at the old edge of the window is not counted"),
    Mutant(RESTART, "len(restarts) <= limit.max_restarts", "len(restarts) < limit.max_restarts",
           "one restart fewer than allowed"),
    Mutant(RESTART, "            return False\n        case _:\n            assert_never(restart)",
           "            return True\n        case _:\n            assert_never(restart)",
           "a temporary child is restarted"),
    Mutant(RESTART, "return reason.exit_class is ExitClass.ABNORMAL",
           "return reason.exit_class is not ExitClass.NORMAL",
           "a transient child that was shut down is restarted"),
    Mutant(RESTART, "order[order.index(child_id) :]", "order[order.index(child_id) + 1 :]",
           "rest_for_one forgets the child itself"),
    Mutant(RESTART, "2 * last_delay_s", "0 * last_delay_s",
           "a run shorter than twice the last delay counts as stable"),
    Mutant(RESTART, "gone.significant and not others_last", "gone.significant and others_last",
           "auto_shutdown all_significant ends at the wrong child"),
    Mutant(EXITS, "counted = replace(supervisor, restarted_at_s=restarts)",
           "counted = supervisor", "restarts are not remembered: no supervisor ever gives up"),
    Mutant(EXITS, "delay_s(fresh.failures + 1,", "delay_s(fresh.failures + 2,",
           "the backoff starts one step too high"),
    Mutant(EXITS, "child.restarts.of(reason.cause) >= caps.of(reason.cause)",
           "child.restarts.of(reason.cause) > caps.of(reason.cause)",
           "a child gets one restart more than its cap"),
    Mutant(EXITS, "if phase is Phase.STOPPING or supervisor.is_to_stop(child.child_id):",
           "if phase is Phase.STOPPING:",
           "a child that was to be stopped and died first is restarted"),
    Mutant(EXITS, "jitter = jitter_of(supervisor.seed, child.child_id, child.incarnation)",
           "jitter = jitter_of(supervisor.seed, child.child_id, 1)",
           "every delay of a child has the same jitter"),
    Mutant(ATTEMPT, "        and story.run.attempt == command.attempt\n", "",
           "an agent that a full disk held back starts in a later attempt's worker"),
    # --- how long is waited ---
    Mutant("policies/backoff.py", "(0.5 + 0.5 * jitter)", "(0.5 + 0.5 * 0)",
           "the jitter is ignored: all come back at once"),
    Mutant("policies/backoff.py", "call.attempt_number = attempt",
           "call.attempt_number = attempt + 1", "the backoff is one doubling ahead"),
    Mutant("policies/shutdown.py", "new.at_s < old.at_s", "new.at_s > old.at_s",
           "a second stop slows the first one down"),
    Mutant("policies/shutdown.py", "self.at_s - margin * self.grace_s",
           "self.at_s + margin * self.grace_s", "margins lie behind the deadline"),
    # --- one child's life ---
    Mutant(CHILD, "    if child.phase is Phase.STARTING:\n        return replace(child, phase",
           "    if child.phase is not Phase.BACKOFF:\n        return replace(child, phase",
           "a late Ready revives a child that is being stopped"),
    Mutant(CHILD, "case Alarm.KILL_DUE, Phase.STOPPING:",
           "case Alarm.KILL_DUE, Phase.STOPPING | Phase.RUNNING:",
           "a stale timer kills a child at work"),
    Mutant(CHILD, "failures=child.failures + 1", "failures=child.failures",
           "deaths in a row are not counted: no backoff grows, no cap is reached"),
    Mutant(CHILD, "now_s + timeout_s >= deadline.at_s", "now_s + timeout_s < deadline.at_s",
           "a child's own timeout is used where it exceeds the tree's deadline"),
    Mutant(CHILD, "deadline.before(child.spec.margin - TERMINATED_FOR)",
           "deadline.before(child.spec.margin + TERMINATED_FOR)", "SIGKILL comes before SIGTERM"),
    Mutant("supervisor/core/otp/supervisor.py", "child.incarnation != event.incarnation or",
           "child.incarnation < event.incarnation or",
           "facts of an incarnation that is gone are believed"),
    # --- the order of things ---
    Mutant(AGENDA, "for child in reversed(tuple(children)):", "for child in tuple(children):",
           "children are stopped in the order of their start"),
    Mutant(AGENDA, "groups = _stop_order(supervisor.children)",
           "groups = _stop_order(each for each in supervisor.children if not each.spec.dynamic)",
           "a stop forgets the dynamic children"),
    Mutant(AGENDA, "if child is not None and child.is_alive and child.phase is not Phase.RUNNING:",
           "if child is None:", "the next child starts before the one before it is ready"),
    Mutant(AGENDA, "        return supervisor, []  # the delay of one holds for its group",
           "        pass", "a group starts while one of it still backs off"),
    # --- leases and the schedule ---
    Mutant("policies/admission.py", "if lease in leases.held or lease in leases.waiting:",
           "if lease in leases.held:", "a lease that is asked for twice is given twice"),
    Mutant("policies/admission.py",
           "        held=tuple(lease for lease in leases.held if lease.holder != holder),",
           "        held=leases.held,", "the leases of a dead PRD are lost"),
    Mutant("policies/slots.py", "while slot in taken:", "while slot in taken and slot > 1:",
           "two stories share a worktree"),
    Mutant(SCHEDULE, "                todo.append(story_id)\n", "",
           "dependants of dependants are not skipped"),
    Mutant(SCHEDULE, "if each.not_before_s <= now_s and all(", "if all(",
           "a story starts before its backoff is over"),
    Mutant(SCHEDULE, "        taken.update(each.mutex)\n", "",
           "two stories of one name start at once"),
    Mutant(SCHEDULE, "each.story_id not in overtaken and ", "",
           "a story starts beside one that comes after it"),
    Mutant(SCHEDULE, "        in_turn = free[:1]", "        in_turn = []",
           "an order against the dependencies stops the night"),
    Mutant(CANDIDATES, "story.memory.is_held or bool(story.awaits)", "story.memory.is_held",
           "a story starts before what it needs of another PRD"),
    Mutant("supervisor/core/prd/needs.py",
           "if turn.prd.is_winding_up and was_decided and not is_decided:", "if False:",
           "hope that comes while a PRD is closed is not heard"),
    Mutant("supervisor/core/root/elsewhere.py", "if wakes and places(turn.root) == 0:", "if False:",
           "more PRDs work than there are places"),
    Mutant("supervisor/core/root/elsewhere.py",
           "if not root.needs.waits(each.child_id)]", "if each.child_id]",
           "a PRD that only waits takes a place"),
    Mutant("supervisor/core/root/elsewhere.py", "    _untie(turn)\n", "",
           "PRDs wait for each other for ever"),
    Mutant("supervisor/core/root/notices.py",
           "turn.root = replace(turn.root, needs=without(turn.root.needs, prd_id))", "pass",
           "a dead PRD waits on"),
    # --- a story's way ---
    Mutant(GATE, '        turn.prd = replace(turn.prd, gate="")', "        pass",
           "the PRD's worktree is never free again"),
    Mutant(GATE, "    if worker is None or not worker.is_alive:\n        free(turn, name)",
           "    free(turn, name)", "a train enters the worktree while a worker is at work there"),
    Mutant(GATE, "        dissolve(turn, but=name)", "        pass",
           "a train waits for ever for a car that has left"),
    Mutant(TRAIN, "        if not checked.run.is_green:\n            return checked\n",
           "", "a red train becomes visible"),
    Mutant(TRAIN, "            low = middle", "            low = middle - 1",
           "the culprit is looked for in the wrong half"),
    Mutant(TRAIN, "            return Learned(commands=check.commands)",
           "            pass", "who is green with its own variables is taken for the culprit"),
    Mutant(TRAIN, "is_branch=not branch.run.is_green", "is_branch=False",
           "a red branch sends everybody back, one after the other"),
    Mutant(DISPATCH, "if not each.rests_on and not", "if not",
           "work that nobody has verified comes into the branch by a dependent's history"),
    Mutant(DISPATCH, "    ready.sort(key=lambda story: story.rank)\n", "",
           "the less urgent goes first"),
    Mutant(DISPATCH, "        counts=not may_go_again,", "        counts=True,",
           "a conflict costs an attempt"),
    Mutant(ARRIVAL, "counts=not has_company", "counts=False",
           "who breaks its own base may do so for ever at no cost"),
    Mutant(ARRIVAL, "        elif in_stage(story, Stage.MERGED):", "        elif False:",
           "who stood behind the culprit is forgotten"),
    Mutant(VOIDED, "elif story.rests_on and story.rests_on not in merges:",
           "elif False:", "a story goes on from a merge that came to nothing"),
    Mutant(INSPECTION, '        finish(turn, story, story.run, "interrupted")\n        return\n',
           "        pass\n", "an interrupted run is taken for what the commands say"),
    Mutant(ATTEMPT, "most.of(cause) - losses.of(cause) - 1", "most.of(cause) - losses.of(cause)",
           "a worker comes back after its story's last attempt"),
    Mutant(ATTEMPT, "or lease != lease_of(story.story_id, run.attempt):", "or lease == '':",
           "the lease of an earlier attempt is taken for this one's"),
    Mutant(SETTLE, "if run.has_lease or run.stage in {Stage.LEASE, Stage.GATHER}:",
           "if run.has_lease:", "a lease that was asked for is not given back"),
    Mutant(SETTLE, "story.memory.losses.reaches(caps(turn.prd.limits))", "False",
           "no story is ever given up"),
    Mutant(NOTICES, "    gate.leave(turn, story)\n    turn.return_lease(story, run)\n",
           "    turn.return_lease(story, run)\n", "a dead worker stays in the train"),
    Mutant(NOTICES, "    turn.return_lease(story, run)\n    if not story.memory.is_open",
           "    if not story.memory.is_open", "a dead worker keeps its lease"),
    Mutant(EVIDENCE, "    elif answer.run.is_green:",
           "    elif answer.run.is_green or run.attempt > 1:",
           "what is red in its own worktree is merged"),
    Mutant(EVIDENCE, "if not reason and not answer.files and not story.no_code:",
           "if not reason and not answer.files and story.no_code:",
           "a claim without any work is believed"),
    Mutant(SPEC, "**{cause.value: self.of(cause) + 1}", "ordinary=self.ordinary + 1",
           "memory kills and hangs count as ordinary failures"),
    Mutant("policies/liveness.py", "since_last_s < LATE_AFTER_BEATS * beat_s",
           "since_last_s >= 0 * beat_s", "a suspend makes everybody look hung"),
)  # fmt: skip
