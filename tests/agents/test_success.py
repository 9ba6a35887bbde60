"""A story that a real agent does."""

from __future__ import annotations

import pytest

from tests.support.agent_clis import NAMES
from tests.support.agent_night import Night
from tests.support.model_server.script import say, shell, write


@pytest.mark.parametrize("name", NAMES)
def test_what_it_did_is_merged_with_evidence(night: Night, name: str) -> None:
    night.prepare(name)
    night.model.play(write("US-1.txt", "of the model\n"), shell("cat US-1.txt"), say("Done."))

    night.tree.begin().wait_exit(0)

    assert night.tree.repo.merged("feature/ALPHA") == ["ALPHA/US-1"]
    assert night.tree.repo.show("feature/ALPHA", "US-1.txt") == "of the model\n"
    assert len(night.model.turns()) == 3
