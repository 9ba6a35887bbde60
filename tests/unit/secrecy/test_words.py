from __future__ import annotations

from prd_supervise.workers.messages.git import Committed, PrdEdit
from prd_supervise.workers.messages.train import Coupled, PrdCopy, TrainAssembled
from prd_supervise.workers.secrecy.urls import without_credentials
from prd_supervise.workers.secrecy.words import with_texts


def test_texts_for_people_are_changed_however_deep_and_what_is_gone_by_is_not() -> None:
    committed = Committed(
        story_id="token",
        attempt=1,
        head="token",
        files=("src/token.py", "b"),
        prd_edit=PrdEdit(given="/token/given", left="/token/left", gone="moved to token"),
        problem="token",
    )
    shown = with_texts(committed, lambda text: text.replace("token", "***"))
    assert shown == Committed(
        story_id="token",
        attempt=1,
        head="token",
        files=("src/***.py", "b"),
        prd_edit=PrdEdit(given="/token/given", left="/token/left", gone="moved to ***"),
        problem="***",
    )


def test_the_path_of_a_copy_stays_a_path() -> None:
    copy = PrdCopy(path="/token", problem="token")
    car = Coupled(story_id="token", commit="token", prd_file=PrdCopy(path="/token"))
    assembled = TrainAssembled(number=1, onto="token", cars=(car,))
    assert with_texts(assembled, lambda text: text.replace("token", "***")) == assembled
    assert with_texts(copy, lambda text: text.replace("token", "***")).path == "/token"


def test_credentials_of_urls_are_hidden_and_nothing_else() -> None:
    text = "fatal: 'https://bot:a@b@host/x.git/' and ssh://git@host/x, see http://host/a@b"
    shown = "fatal: 'https://***@host/x.git/' and ssh://***@host/x, see http://host/a@b"
    assert without_credentials(text) == shown
