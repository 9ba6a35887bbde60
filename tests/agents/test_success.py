"""A story that a real agent does."""

from __future__ import annotations

import pytest

from tests.support.agent_clis import NAMES
from tests.support.agent_night import TEXT, WORK, Night
from tests.support.e2e_repo import story
from tests.support.model_server.script import say, shell, write


@pytest.mark.parametrize("name", NAMES)
def test_what_it_did_is_merged_with_evidence(night: Night, name: str) -> None:
    night.prepare(name)
    night.model.play(*WORK)

    night.tree.begin().wait_exit(0)

    night.check_done()
    assert len(night.model.turns()) == 3
    result = night.tree.result("US-1")
    assert (result["result"], result["failure"]) == ("merged", None)
    assert result["story_run"]["commands"]
    assert night.tree.prd()["spent"]["tokens"] == 3 * (100 + 20)
    assert "SessionKnown" in night.journal()


def test_claude_without_yolo_runs_what_its_story_is_verified_by(night: Night) -> None:
    night.prepare("claude", yolo=False)
    night.repo.put("check.sh", "test -f US-1.txt && echo checked-$((40 + 2))\n")
    night.repo.prd(story("US-1", replay=None, verify=["sh check.sh"]))
    night.repo.commit()
    night.model.play(write("US-1.txt", TEXT), shell("sh check.sh 2>&1 | tail -5"), say("Done."))

    night.tree.begin().wait_exit(0)

    night.check_done()
    assert "checked-42" in night.model.turns()[-1].body


@pytest.mark.parametrize("name", NAMES)
def test_what_it_has_left_behind_is_gone_with_it(night: Night, name: str) -> None:
    night.prepare(name)
    left = f"{night.hold()} > /dev/null 2>&1 < /dev/null &"
    night.model.play(shell(f"{left}\nuntil test -e {night.at_work}; do sleep 0.05; done"), *WORK)

    night.tree.begin().wait_exit(0)

    assert night.at_work.exists()
    night.check_done()


def test_claude_that_stays_for_its_background_task_is_ended_and_its_work_kept(night: Night) -> None:
    night.prepare("claude")
    night.model.play(
        write("US-1.txt", "of the model\n"), shell(night.hold(), is_background=True), say("Done.")
    )

    night.tree.begin().wait_exit(0)

    assert night.at_work.exists()
    night.check_done()
