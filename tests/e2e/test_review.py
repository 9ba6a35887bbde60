"""A reviewer as users see it: what it accepts is merged, what it refuses goes again."""

from __future__ import annotations

from typing import Any

from tests.support.e2e_processes import kill
from tests.support.e2e_repo import HOLD, Repo, story, write
from tests.support.tree import Tree

REVIEW = {"agent": "replay"}
ACCEPT = {"answer": "I looked at it.\n{code} ACCEPT"}
REFUSE = {"answer": "US-1.txt:1 says nothing of the world\n{code} REFUSE"}


def reviewed(*review: Any, work: tuple[Any, ...] = ()) -> list[dict[str, Any]]:  # noqa: ANN401
    """The script of one attempt, and of its review."""
    made = list(work) or [write("US-1.txt", "x\n")]
    return [{"if": {"review": True, "then": list(review), "else": made}}]


def test_what_is_accepted_is_merged_and_told_as_such(repo: Repo, tree: Tree) -> None:
    repo.configure(review=REVIEW | {"prompt": "Mind the tabs."})
    repo.prd(story("US-1", *reviewed(ACCEPT)))
    repo.commit()

    tree.begin().wait_exit(0)

    result = tree.result("US-1")
    assert result["review"]["verdict"] == "accepted"
    assert result["review"]["agent"] == "replay"
    assert result["evidence"].endswith("; accepted by the review of replay")
    assert tree.prd()["stories"]["US-1"]["evidence"] == result["evidence"]
    assert [each["text"] for each in tree.events("reviewed")] == ["replay: accepted"]
    prompt = (tree.attempt("US-1") / "review.md").read_text()
    for part in ("+x\n", "US-1.txt is there", "`test -s US-1.txt` ended with 0", "Mind the tabs."):
        assert part in prompt
    assert "# US-1" in (tree.attempt("US-1") / "prompt.md").read_text()
    assert "review" in tree.run("logs", "ALPHA/US-1").out


def test_what_is_refused_is_mended_in_the_next_attempt_that_knows_why(
    repo: Repo, tree: Tree
) -> None:
    repo.configure(review=REVIEW)
    mended = reviewed(ACCEPT, work=(write("US-1.txt", "world\n"),))
    repo.prd(story("US-1", replay=[reviewed(REFUSE), mended]))
    repo.commit()

    tree.begin().wait_exit(0)

    failure = tree.result("US-1")["failure"]
    assert failure["type"] == "review_refused"
    assert failure["context"] == "US-1.txt:1 says nothing of the world"
    assert failure["context"] in (tree.attempt("US-1", 2) / "prompt.md").read_text()
    assert repo.show("feature/ALPHA", "US-1.txt") == "world\n"
    assert tree.prd()["stories"]["US-1"]["losses"]["ordinary"] == 1


def test_a_reviewer_that_cannot_be_understood_keeps_nothing_back_unless_it_is_required(
    repo: Repo, tree: Tree
) -> None:
    repo.configure(review=REVIEW)
    repo.prd(story("US-1", *reviewed({"answer": "ACCEPT, I would say"})))
    repo.commit()

    tree.begin().wait_exit(0)

    assert "; not reviewed: its last line is neither" in tree.result("US-1")["evidence"]
    assert len(tree.events("review_failed")) == 1
    assert len(tree.events("not_reviewed")) == 1


def test_where_a_review_is_required_nothing_is_merged_without_one(repo: Repo, tree: Tree) -> None:
    repo.configure(
        review=REVIEW | {"required": True}, restart={"max_attempts": 2, "backoff_base_s": 0.05}
    )
    repo.prd(story("US-1", *reviewed({"crash": True})))
    repo.commit()

    tree.begin().wait_exit(1)

    shown = tree.prd()["stories"]["US-1"]
    assert (shown["state"], shown["failure"]["type"]) == ("failed", "not_reviewed")
    assert not repo.has("feature/ALPHA", "US-1.txt")
    assert repo.has("prd-supervise/ALPHA/US-1", "US-1.txt")


def test_nothing_that_a_reviewer_writes_reaches_a_commit_or_the_next_story(
    repo: Repo, tree: Tree
) -> None:
    repo.configure(review=REVIEW, max_workers=1)
    vandal = (
        write("US-1.txt", "not what was verified\n"),
        write("more.txt", "x\n"),
        {"commit": "what a reviewer has to say"},
        write("loose.txt", "x\n"),
        ACCEPT,
    )
    looks = {"run": ["sh", "-c", "test ! -e more.txt && test ! -e loose.txt && echo x >US-2.txt"]}
    next_one = [{"if": {"review": True, "then": [ACCEPT], "else": [looks]}}]
    repo.prd(story("US-1", *reviewed(*vandal)), story("US-2", *next_one))
    repo.commit()

    tree.begin().wait_exit(0)

    assert repo.show("feature/ALPHA", "US-1.txt") == "x\n"
    assert not repo.has("feature/ALPHA", "more.txt")
    assert not repo.has("feature/ALPHA", "loose.txt")


def test_a_limit_of_the_reviewer_parks_its_agent_and_costs_no_attempt(
    repo: Repo, tree: Tree
) -> None:
    repo.configure(review=REVIEW, restart={"max_attempts": 1, "backoff_base_s": 0.05})
    flag = str(repo.path.parent / "limited")
    at_limit = [
        {"run": ["touch", flag]},
        {"limit": {"in_s": 6, "message": "You've hit your limit"}},  # not over before it is heard
    ]
    first = {"if": {"review": True, "missing": flag, "then": at_limit}}
    repo.prd(story("US-1", first, *reviewed(ACCEPT)))
    repo.commit()

    tree.begin().wait_exit(0)

    assert tree.events("agent_parked")
    assert len(tree.events("attempt_started")) == 1
    assert tree.prd()["stories"]["US-1"]["losses"] == {"ordinary": 0, "memory": 0, "hang": 0}
    assert tree.result("US-1")["review"]["verdict"] == "accepted"


def test_a_review_is_asked_for_again_after_the_whole_tree_was_killed(
    repo: Repo, tree: Tree
) -> None:
    repo.configure(review=REVIEW)
    repo.prd(story("US-1", *reviewed(HOLD, ACCEPT)))
    repo.commit()
    run = tree.begin()
    tree.wait((tree.attempt("US-1") / "review.log").exists, "a reviewer is there", run)
    tree.wait(lambda: tree.prd()["stories"]["US-1"]["state"] == "in review", "it is shown", run)

    for each in tree.everybody():
        kill(each.pid)
    tree.wait_gone()
    tree.go()
    tree.begin("resume").wait_exit(0)

    assert tree.result("US-1")["review"]["verdict"] == "accepted"
    assert len(tree.events("attempt_started")) == 1
    assert tree.prd()["stories"]["US-1"]["attempt"] == 1


def test_changed_tests_are_told_as_a_remark_to_people_and_to_the_reviewer(
    repo: Repo, tree: Tree
) -> None:
    repo.configure(review=REVIEW)
    repo.put("tests/test_a.py", "assert True\n")
    repo.put("tests/test_b.py", "assert True\n")
    repo.put("Makefile", "check:\n\ttest -s US-1.txt\n")
    work = (
        write("US-1.txt", "x\n"),
        write("tests/test_a.py", "pass\n"),
        {"delete": "tests/test_b.py"},
        write("Makefile", "check:\n\ttrue\n"),
    )
    repo.prd(story("US-1", *reviewed(ACCEPT, work=work), verify=["make check"]))
    repo.commit()

    tree.begin().wait_exit(0)

    told = [
        "changes tests: tests/test_a.py",
        "deletes tests: tests/test_b.py",
        "changes what `make check` runs: Makefile",
    ]
    assert tree.result("US-1")["remarks"] == told
    assert [each["text"] for each in tree.events("remark")] == told
    assert not tree.events("tampering")
    prompt = (tree.attempt("US-1") / "review.md").read_text()
    assert all(line in prompt for line in told)
