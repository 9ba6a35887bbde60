from __future__ import annotations

from tests.support.e2e_repo import Repo, story, write
from tests.support.tree import Tree

# Held until both have begun, so that they start from the same commit.
MEET = """
touch "$TMPDIR/$0"
until [ -e "$TMPDIR/left" ] && [ -e "$TMPDIR/right" ]; do sleep 0.02; done
"""


def test_a_false_claim_is_refused_and_ends_in_quarantine(repo: Repo, tree: Tree) -> None:
    repo.prd(
        story("liar", {"say": "All done, all tests pass!"}),
        story("needs", dependsOn=["liar"]),
        story("needs-that", dependsOn=["needs"]),
        story("other"),
    )
    repo.prd(story("B-1"), name="tasks/b.json", project="BETA")
    repo.commit()

    tree.begin().wait_exit(1)

    lost = [event["text"] for event in tree.events("attempt_failed", story="liar")]
    assert lost == ["the agent claims success, but nothing differs from the base"] * 3
    alpha = tree.prd()
    assert alpha["state"] == "failed"
    states = {name: each["state"] for name, each in alpha["stories"].items()}
    assert states == {
        "liar": "failed",
        "needs": "skipped",
        "needs-that": "skipped",
        "other": "done",
    }
    assert "needs liar" in alpha["stories"]["needs"]["reason"]
    assert any("nothing differs" in reason for reason in alpha["reasons"])
    assert repo.merged("feature/ALPHA") == ["ALPHA/other"]
    assert repo.flags("feature/ALPHA") == [False, False, False, True]
    assert tree.prd("BETA")["state"] == "completed"


def test_the_worktree_of_a_quarantined_story_is_kept_and_named(repo: Repo, tree: Tree) -> None:
    repo.configure(restart={"max_attempts": 1})
    repo.prd(story("US-1", write("half.txt", "half\n"), {"exit": 9}), story("US-2"))
    repo.commit()

    tree.begin().wait_exit(1)

    failed = tree.prd()["stories"]["US-1"]
    kept = repo.path / failed["worktree"]
    assert (kept / "half.txt").read_text() == "half\n"
    assert repo.show("prd-supervise/ALPHA/US-1", "half.txt") == "half\n"
    assert f"its worktree is kept: {kept}" in tree.run("status").out
    assert tree.prd()["stories"]["US-2"]["worktree"] is None


def test_what_failed_stands_in_the_next_attempt_s_prompt(repo: Repo, tree: Tree) -> None:
    attempts = [[write("US-1.txt", "wrong\n")], [write("US-1.txt", "right\n")]]
    check = "cat US-1.txt; grep -q right US-1.txt || { echo 'expected: right'; exit 4; }"
    repo.prd(story("US-1", replay=attempts, verify=[check]))
    repo.commit()

    tree.begin().wait_exit(0)

    first, second = ((tree.attempt("US-1", number) / "prompt.md").read_text() for number in (1, 2))
    assert "went wrong" not in first
    assert "What went wrong last time (attempt 1)" in second
    assert "exited with 4" in second
    assert "expected: right" in second
    assert repo.show("feature/ALPHA", "US-1.txt") == "right\n"


def test_what_is_green_alone_and_red_when_merged_never_becomes_visible(
    repo: Repo, tree: Tree
) -> None:
    # Either file alone is fine. Who comes second finds out on the merged tree, and mends it.
    check = "! { [ -e left.txt ] && [ -e right.txt ] && ! [ -e both.txt ]; }"
    repo.prd(
        *(
            story(
                side,
                replay=[
                    [{"run": ["sh", "-c", MEET, side]}, write(f"{side}.txt", "x\n")],
                    [write(f"{side}.txt", "x\n"), write("both.txt", "x\n")],
                ],
                verify=[check],
            )
            for side in ("left", "right")
        )
    )
    repo.commit()

    tree.begin().wait_exit(0)

    (lost,) = tree.events("goes_again")  # it costs no attempt: somebody else was merged first
    assert lost["text"].startswith("green alone, but on top of feature/ALPHA")
    for commit in repo.git("log", "--first-parent", "--format=%H", "feature/ALPHA").split():
        names = set(repo.git("ls-tree", "--name-only", commit).split())
        assert not ({"left.txt", "right.txt"} <= names and "both.txt" not in names)
    reds = tree.result(lost["story"], 1)
    assert reds["story_run"]["commands"][0]["exit_code"] == 0
    assert reds["merged_run"]["commands"][0]["exit_code"] == 1


def test_a_red_verify_ends_the_row_and_later_commands_are_not_run(repo: Repo, tree: Tree) -> None:
    repo.configure(restart={"max_attempts": 1})
    repo.prd(story("US-1", verify=["true", "exit 3", 'touch "$TMPDIR/never"']))
    repo.commit()

    tree.begin().wait_exit(1)

    codes = [each["exit_code"] for each in tree.result("US-1")["story_run"]["commands"]]
    assert codes == [0, 3]
    assert not (repo.path.parent / "tmp" / "never").exists()
    assert not repo.merged("feature/ALPHA")


def test_a_verify_command_that_hangs_runs_out_of_time(repo: Repo, tree: Tree) -> None:
    repo.configure(verify={"timeout_s": 0.5}, restart={"max_attempts": 1})
    repo.prd(story("US-1", verify=["test -s US-1.txt && sleep 600"]))
    repo.commit()

    tree.begin().wait_exit(1)

    assert "ran out of time" in tree.prd()["stories"]["US-1"]["reason"]


def test_the_result_of_an_attempt_is_on_record(repo: Repo, tree: Tree) -> None:
    repo.prd(story("US-1", replay=[[{"exit": 5}], [write("US-1.txt", "x\n")]]))
    base = repo.commit()

    tree.begin().wait_exit(0)

    failed, merged = tree.result("US-1", 1), tree.result("US-1", 2)
    assert failed["result"] == "failed"
    assert "exited with 5" in failed["reason"]
    assert merged.keys() == failed.keys()
    assert (merged["prd_id"], merged["story_id"], merged["attempt"]) == ("ALPHA", "US-1", 2)
    assert (merged["result"], merged["base"], merged["files"]) == ("merged", base, ["US-1.txt"])
    assert [merged[run]["commands"][0]["exit_code"] for run in ("base_run", "story_run")] == [1, 0]
    assert merged["merged_run"]["commit"] == merged["commit"]
    parents = repo.git("rev-parse", f"{merged['commit']}^1", f"{merged['commit']}^2").split()
    assert parents == [base, merged["head"]]
    assert "verified on the merged tree by `test -s US-1.txt`, red before" in merged["evidence"]


def test_verify_commands_run_on_clean_trees(repo: Repo, tree: Tree) -> None:
    # Each run leaves a file behind; none may see what an earlier one has left on the merged tree.
    check = "test ! -e dirt.txt && echo x > dirt.txt"
    repo.prd(story("US-1", verify=[check]), story("US-2", verify=[check], dependsOn=["US-1"]))
    repo.commit()

    tree.begin().wait_exit(0)

    assert not repo.has("feature/ALPHA", "dirt.txt")
