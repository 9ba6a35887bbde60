"""What users see of an agent that fails like a real one: no attempt is spent on what passes."""

from __future__ import annotations

from tests.support.e2e_processes import kill
from tests.support.e2e_repo import HOLD, Repo, story, write
from tests.support.tree import Tree

MADE = write("US-1.txt", "x\n")
OVERLOAD = {"fail": {"kind": "transient", "message": "overloaded", "status": 529}}
ONE_ATTEMPT = {"max_attempts": 1, "backoff_base_s": 0.05, "backoff_cap_s": 0.2}


def prompt(tree: Tree, attempt: int) -> str:
    return (tree.attempt("US-1", attempt) / "prompt.md").read_text()


def test_overloads_and_a_limit_cost_no_attempt_and_have_numbers_of_their_own(
    repo: Repo, tree: Tree
) -> None:
    repo.configure(restart=ONE_ATTEMPT)
    # Not over before root has heard of it, on a busy machine.
    limit = {"limit": {"in_s": 6, "message": "You've hit your limit"}}
    repo.prd(story("US-1", replay=[[OVERLOAD], [OVERLOAD], [OVERLOAD], [limit], [MADE]]))
    repo.commit()
    tree.begin().wait_exit(0)
    shown = tree.prd()["stories"]["US-1"]
    assert (shown["state"], shown["attempt"], shown["failure"]) == ("done", 5, None)
    assert shown["losses"] == {"ordinary": 0, "memory": 0, "hang": 0}
    assert not tree.events("attempt_failed")
    lost = tree.events("attempt_stopped")
    assert [each["failure"]["type"] for each in lost] == ["transient"] * 3 + ["rate_limited"]
    assert lost[0]["text"] == "the agent: overloaded"
    for number, each in enumerate(lost, start=1):
        failure = tree.result("US-1", number)["failure"]
        assert failure == each["failure"]
        assert failure["recovery_hints"][-1].endswith("this cost no attempt")
    assert tree.result("US-1", 5)["failure"] is None


def test_what_is_more_than_a_model_takes_in_is_tried_once_more_with_less(
    repo: Repo, tree: Tree
) -> None:
    repo.configure(restart=ONE_ATTEMPT)
    full = {"fail": {"kind": "context", "message": "prompt is too long"}}
    repo.prd(story("US-1", replay=[[full], [MADE]]), story("US-2", replay=[[full]]))
    repo.commit()
    tree.begin().wait_exit(1)
    stories = tree.prd()["stories"]
    assert (stories["US-1"]["state"], stories["US-1"]["attempt"]) == ("done", 2)
    failed = stories["US-2"]
    assert (failed["state"], failed["attempt"], failed["losses"]["ordinary"]) == ("failed", 2, 0)
    assert failed["failure"]["type"] == "context"
    assert "`prd-supervise retry ALPHA/US-2`" in failed["failure"]["recovery_hints"][-1]
    assert "prd-supervise resume ALPHA --retry" in " ".join(tree.run("report").out.split())


def test_an_agent_goes_on_with_its_conversation_after_the_whole_tree_was_killed(
    repo: Repo, tree: Tree
) -> None:
    begins = [{"session": "s-1"}, write("half.txt", "half\n"), HOLD]
    goes_on = {"if": {"resumed": True, "then": [MADE], "else": [{"exit": 9}]}}
    repo.prd(story("US-1", replay=[begins, [goes_on]]))
    repo.commit()
    tree.begin()
    journal = repo.state / "prds" / "ALPHA" / "journal.log"
    tree.wait(
        lambda: journal.exists() and "SessionKnown" in journal.read_text(),
        "the session is not journalled",
    )
    for process in tree.everybody():
        kill(process.pid)
    tree.wait_gone()
    tree.begin("resume").wait_exit(0)
    assert repo.show("feature/ALPHA", "half.txt") == "half\n"
    told = prompt(tree, 2)
    assert "this is the same conversation" in told
    assert "It ended: the tree went down" in told
    assert "Acceptance criteria" not in told


def test_a_conversation_that_is_unknown_is_begun_afresh_with_the_work_that_is_there(
    repo: Repo, tree: Tree
) -> None:
    repo.configure(restart=ONE_ATTEMPT | {"max_attempts": 2})
    begins = [{"session": "s-1"}, write("half.txt", "half\n"), {"crash": True}]
    unknown = [{"fail": {"kind": "permanent", "message": "no conversation s-1"}}]
    repo.prd(story("US-1", replay=[begins, unknown, [MADE]]))
    repo.commit()
    tree.begin().wait_exit(0)
    assert tree.prd()["stories"]["US-1"]["losses"]["ordinary"] == 1
    (lost,) = tree.events("attempt_stopped")
    assert lost["failure"]["type"] == "session_refused"
    told = prompt(tree, 3)
    assert "Acceptance criteria" in told
    assert "is committed in this worktree, `git diff" in told


def test_an_agent_without_a_login_stops_everywhere_and_its_stories_go_on_with_another(
    repo: Repo, tree: Tree
) -> None:
    repo.configure(
        restart=ONE_ATTEMPT,
        agent={"fallback": ["second"]},
        max_workers=1,
        **{"agents.second": {"kind": "replay"}},
    )
    auth = {"fail": {"kind": "auth", "message": "Not logged in"}}
    other = {"if": {"agent": "second", "then": [write("US-2.txt", "x\n")], "else": [auth]}}
    first = {"if": {"agent": "second", "then": [MADE], "else": [auth]}}
    repo.prd(story("US-1", first), story("US-2", other))
    repo.commit()
    tree.begin().wait_exit(0)
    stories = tree.prd()["stories"]
    assert [each["agent"] for each in stories.values()] == ["second", "second"]
    # Only one of them has met it, at no cost: the other one was not begun with it any more.
    assert sorted(each["attempt"] for each in stories.values()) == [1, 2]
    (lost,) = tree.events("attempt_stopped")
    assert lost["failure"]["type"] == "auth"
    assert "`prd-supervise release --agent replay`" in lost["failure"]["recovery_hints"][0]


def test_a_story_whose_model_is_refused_goes_on_with_its_next_agent_and_is_never_asked_again(
    repo: Repo, tree: Tree
) -> None:
    tables = {"agents.second": {"kind": "replay"}}
    repo.configure(restart=ONE_ATTEMPT, agent={"fallback": ["second"]}, **tables)
    refused = {"fail": {"kind": "permanent", "message": "no", "status": 400}}
    overloaded = {"if": {"agent": "second", "then": [OVERLOAD], "else": [{"exit": 9}]}}
    made = {"if": {"agent": "second", "then": [MADE], "else": [{"exit": 9}]}}
    repo.prd(story("US-1", replay=[[refused], [overloaded], [made]]))
    repo.commit()
    tree.begin().wait_exit(0)
    shown = tree.prd()["stories"]["US-1"]
    assert (shown["agent"], shown["attempt"], shown["losses"]["ordinary"]) == ("second", 3, 0)
    first = tree.events("attempt_stopped")[0]["failure"]
    assert first["type"] == "refused"
    assert first["recovery_hints"][-1].startswith("it goes again by itself with second")
