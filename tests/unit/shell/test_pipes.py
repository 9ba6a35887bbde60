"""What one end of a pipe says the other one can read: a word that it does not know is its end."""

from __future__ import annotations

from types import ModuleType
from typing import get_args, get_type_hints

import pytest

from prd_supervise.supervisor.core.prd.words import AskGit, RootSaid
from prd_supervise.supervisor.core.root.words import PassOn
from prd_supervise.workers.messages import common, pipe_to_prd
from prd_supervise.workers.messages import git as git_words
from prd_supervise.workers.messages import story as story_words
from prd_supervise.workers.messages.git import GitAnswer
from prd_supervise.workers.messages.prd import PrdWord
from prd_supervise.workers.messages.story import WorkerAnswer, WorkerOrder
from prd_supervise.workers.process.wire import words_of

TO_PRD = (*pipe_to_prd.WORDS, common)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (PrdWord, TO_PRD),
        (get_type_hints(PassOn)["order"], TO_PRD),
        (get_type_hints(RootSaid)["order"], TO_PRD),
        (get_type_hints(AskGit)["request"], (git_words, common)),
        (GitAnswer, (git_words, common)),
        (WorkerOrder, (story_words, common)),
        (WorkerAnswer, (story_words, common)),
    ],
)
def test_every_word_that_is_said_on_a_pipe_is_known_at_its_other_end(
    said: object, words: tuple[ModuleType, ...]
) -> None:
    known = {word for module in words for word in words_of(module)}
    assert get_args(said)
    assert not set(get_args(said)) - known
