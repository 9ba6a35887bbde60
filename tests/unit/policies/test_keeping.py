from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from prd_supervise.policies.keeping import (
    ATTEMPTS,
    LEFTOVERS,
    PRD_BRANCH,
    SALVAGED,
    STORY_BRANCH,
    WORKTREE,
    Ended,
    Found,
    Terms,
    is_only_copy,
    may_be_forgotten,
    verdict,
)

KINDS = (ATTEMPTS, LEFTOVERS, PRD_BRANCH, SALVAGED, STORY_BRANCH, WORKTREE)
BEFORE_S = 1000.0
BY_ITSELF = Terms(is_by_itself=True, before_s=BEFORE_S)

reasons = st.sampled_from(("", "a reason"))
found = st.builds(
    Found,
    kind=st.sampled_from(KINDS),
    at_s=st.sampled_from((0.0, BEFORE_S - 1, BEFORE_S, BEFORE_S + 1, float("inf"))),
    held_by=reasons,
    outlived_by=reasons,
    wanted_for=st.just("wanted"),
    blocked_by=reasons,
)
terms = st.builds(
    Terms,
    is_by_itself=st.booleans(),
    before_s=st.sampled_from((0.0, BEFORE_S)),
    salvage_before_s=st.sampled_from((None, BEFORE_S)),
)


@given(each=found)
def test_by_itself_only_what_is_old_and_outlived_or_held_elsewhere_goes(each: Found) -> None:
    said = verdict(each, BY_ITSELF)
    if said.can_go:
        assert each.at_s < BEFORE_S
        assert each.held_by or each.outlived_by
        assert not each.blocked_by
        assert each.kind not in {LEFTOVERS, PRD_BRANCH}
        assert not is_only_copy(each, BY_ITSELF)


@given(each=found, asked=terms)
def test_the_only_copy_goes_for_a_person_alone_who_has_named_its_age(
    each: Found, asked: Terms
) -> None:
    if verdict(each, asked).can_go and is_only_copy(each, asked):
        assert not asked.is_by_itself
        assert asked.salvage_before_s is not None
        assert each.kind == SALVAGED


@given(each=found, asked=terms)
def test_every_verdict_has_its_reason(each: Found, asked: Terms) -> None:
    assert verdict(each, asked).why


def test_a_person_takes_what_is_held_elsewhere_however_young_it_is() -> None:
    young = Found(kind=STORY_BRANCH, at_s=float("inf"), held_by="it is in main")
    assert verdict(young, Terms()).can_go
    assert verdict(young, BY_ITSELF).why == "it is not old enough"


def test_what_a_later_attempt_outlived_goes_once_it_is_old() -> None:
    old = Found(kind=SALVAGED, at_s=1.0, outlived_by="its story was merged later", wanted_for="w")
    assert verdict(old, BY_ITSELF).can_go
    assert not verdict(old, Terms()).can_go, "nobody has named an age"


@given(
    state=st.sampled_from(("completed", "failed", "stopped", "interrupted", "queued", "active")),
    ended_s=st.sampled_from((0.0, 1.0, BEFORE_S, float("inf"))),
    has_document=st.booleans(),
    has_remains=st.booleans(),
    is_wanted=st.booleans(),
)
def test_a_prd_is_forgotten_when_it_is_over_and_old_and_nothing_names_it(
    state: str,
    ended_s: float,
    has_document: bool,  # noqa: FBT001  hypothesis'
    has_remains: bool,  # noqa: FBT001
    is_wanted: bool,  # noqa: FBT001
) -> None:
    ended = Ended(
        state=state,
        ended_s=ended_s,
        has_document=has_document,
        has_remains=has_remains,
        is_wanted=is_wanted,
    )
    is_over = state in {"completed", "failed"} and ended_s == 1.0
    expected = is_over and not (has_document or has_remains or is_wanted)
    assert may_be_forgotten(ended, BY_ITSELF) is expected
