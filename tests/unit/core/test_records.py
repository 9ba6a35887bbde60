from __future__ import annotations

from prd_supervise.supervisor.core.prd.memory import Memory
from prd_supervise.supervisor.core.prd.records import AttemptLost
from prd_supervise.supervisor.core.prd.remembering import remember


def lost(reason: str, *, counts: bool, context: str = "") -> AttemptLost:
    return AttemptLost(story_id="A", attempt=1, reason=reason, context=context, counts=counts)


def test_a_stop_does_not_make_the_next_prompt_forget_the_last_failure() -> None:
    failed = remember(Memory(), lost("`make test` exited with 2", counts=True, context="1 failed"))
    stopped = remember(failed, lost("stopped", counts=False))
    assert (stopped.reason, stopped.context) == ("`make test` exited with 2", "1 failed")
    assert stopped.failures == 1


def test_a_stop_is_the_reason_where_there_is_no_other() -> None:
    assert remember(Memory(), lost("stopped", counts=False)).reason == "stopped"
