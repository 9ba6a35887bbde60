from __future__ import annotations

import json
from collections import Counter

from tests.support.e2e_repo import Repo, story
from tests.support.tree import Tree


def three_prds(repo: Repo) -> None:
    repo.prd(
        story("US-1"),
        story("US-2", dependsOn=["US-1"]),
        story("US-3", dependsOn=["US-1"]),
        branchName="ralph/alpha",
    )
    repo.prd(
        story("1", dependencies=None),
        story("2", dependencies=["1"]),
        name="tasks/beta.json",
        form="stories",
        project="Beta",
    )
    repo.prd(story("S-1"), story("S-2"), name="prds/active/PRD-007/prd.json", project="gamma")
    repo.put("notes.txt", "mine\n")
    repo.commit()


PLACES = {
    "ALPHA": ("ralph/alpha", "prd.json", "userStories", ["US-1", "US-2", "US-3"]),
    "Beta": ("feature/Beta", "tasks/beta.json", "stories", ["1", "2"]),
    "PRD-007": (
        "feature/PRD-007",
        "prds/completed/PRD-007/prd.json",
        "userStories",
        ["S-1", "S-2"],
    ),
}


def test_prds_of_three_forms_are_completed_side_by_side(repo: Repo, tree: Tree) -> None:
    three_prds(repo)
    repo.put("notes.txt", "mine, for later\n")
    repo.git("stash", "push", "-q")
    repo.put("notes.txt", "mine, and not committed\n")
    repo.put("staged.txt", "staged\n")
    repo.git("add", "staged.txt")

    tree.begin().wait_exit(0)

    for prd_id, (branch, path, form, stories) in PLACES.items():
        merged = repo.merged(branch)
        assert Counter(merged) == Counter(f"{prd_id}/{name}" for name in stories)
        assert repo.flags(branch, path, form) == [True] * len(stories)
        for name in stories:
            assert repo.show(branch, f"{name}.txt") == f"{name}\n"
        assert tree.prd(prd_id)["state"] == "completed"
    assert repo.merged("ralph/alpha")[0] == "ALPHA/US-1"
    assert repo.merged("feature/Beta") == ["Beta/1", "Beta/2"]


def test_nothing_but_the_flags_changes_in_a_branch_s_copy_of_the_prd(
    repo: Repo, tree: Tree
) -> None:
    three_prds(repo)
    # A layout that no program writes by itself: it is the user's.
    text = json.dumps({"project": "ODD", "userStories": [story("A"), story("B")]})
    odd = text.replace('"passes": false', '"passes" :\tfalse').replace("{", "{\r\n  ", 1)
    repo.path.joinpath("tasks/odd.json").write_bytes(odd.encode())
    repo.commit()

    tree.begin().wait_exit(0)

    expected = {"feature/ODD": ("tasks/odd.json", odd)}
    for branch, path, _, _ in PLACES.values():
        users = repo.path / path.replace("/completed/", "/active/")  # moved in its branch alone
        expected[branch] = (path, users.read_text(encoding="utf-8"))
    for branch, (path, before) in expected.items():
        # git's own text would hide a changed line end
        size = int(repo.git("cat-file", "-s", f"{branch}:{path}"))
        after = before.replace('"passes": false', '"passes": true')
        after = after.replace('"passes" :\tfalse', '"passes" :\ttrue')
        assert size == len(after.encode())
        assert json.loads(repo.show(branch, path)) == json.loads(after)


def test_nothing_is_left_of_a_completed_prd_but_its_branch(repo: Repo, tree: Tree) -> None:
    three_prds(repo)

    tree.begin().wait_exit(0)

    assert not repo.refs("heads/prd-supervise")
    assert not list((repo.state / "worktrees").iterdir())
    assert repo.git("worktree", "list").count("\n") == 0
    assert not repo.salvaged()


def test_a_second_start_has_nothing_to_do_where_all_is_completed(repo: Repo, tree: Tree) -> None:
    three_prds(repo)
    tree.begin().wait_exit(0)
    before = repo.refs()

    again = tree.run("start", code=0)

    assert "nothing to do" in again.err
    assert repo.refs() == before


def test_a_second_start_runs_what_is_new_and_leaves_the_completed_alone(
    repo: Repo, tree: Tree
) -> None:
    repo.prd(story("US-1"))
    repo.commit()
    tree.begin().wait_exit(0)
    before = repo.git("rev-parse", "feature/ALPHA")
    repo.prd(story("N-1"), name="tasks/new.json", project="NEW")
    repo.seal()

    tree.begin().wait_exit(0)

    assert repo.git("rev-parse", "feature/ALPHA") == before
    assert repo.merged("feature/NEW") == ["NEW/N-1"]
