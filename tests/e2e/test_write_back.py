"""The PRD file in the PRD's branch: any encoding and size, what was accepted, where it lives."""

from __future__ import annotations

import codecs
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.e2e_repo import Repo, story, write
from tests.support.tree import Tree

UTF_16 = codecs.BOM_UTF16_LE
ENCODINGS = {
    "UTF-8": (b"", "utf-8"),
    "UTF-8 with a mark": (codecs.BOM_UTF8, "utf-8"),
    "UTF-16": (UTF_16, "utf-16-le"),
    "UTF-16, the other end first": (codecs.BOM_UTF16_BE, "utf-16-be"),
}


def blob(repo: Repo, branch: str, path: str = "prd.json") -> bytes:
    """A file in a branch, byte for byte."""
    words = ["git", "cat-file", "blob", f"{branch}:{path}"]
    return subprocess.run(
        words, cwd=repo.path, env=repo.env, capture_output=True, check=True
    ).stdout


def text_of(*stories: dict[str, Any], **more: object) -> str:
    return json.dumps({"project": "ALPHA", "userStories": list(stories), **more}, indent="\t")


def lying(*steps: Any) -> list[Any]:  # noqa: ANN401  JSON
    """A story's steps whose agent spoils the PRD file first."""
    return [{"run": ["sh", "-c", "printf nonsense > prd.json"]}, *steps]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_only_the_flags_change_in_any_encoding_and_with_any_line_ends(
    repo: Repo, tree: Tree, encoding: str
) -> None:
    mark, codec = ENCODINGS[encoding]
    stories = (story("US-1", title="größer"), story("US-2", *lying(write("US-2.txt", "x\n"))))
    text = text_of(*stories).replace("\n", "\r\n") + "\r\n\r\n"
    repo.path.joinpath("prd.json").write_bytes(mark + text.encode(codec))
    repo.commit()

    tree.begin().wait_exit(0)

    expected = text.replace('"passes": false', '"passes": true')
    assert blob(repo, "feature/ALPHA") == mark + expected.encode(codec)
    assert [event["story"] for event in tree.events("tampering")] == ["US-2"]
    assert not tree.events("not_marked")
    assert not (repo.state / "prds/ALPHA/prd-file").exists()


def test_a_file_of_a_megabyte_is_marked_as_well(repo: Repo, tree: Tree) -> None:
    text = text_of(story("US-1"), story("US-2"), notes=["ballast " * 20] * 8_000)
    assert len(text) > 1_200_000
    repo.put("prd.json", text)
    repo.commit()

    tree.begin().wait_exit(0)

    expected = text.replace('"passes": false', '"passes": true')
    assert blob(repo, "feature/ALPHA").decode() == expected
    assert not tree.events("not_marked")


def test_a_file_that_is_too_large_to_be_marked_is_worked_on_all_the_same(
    repo: Repo, tree: Tree
) -> None:
    text = text_of(story("US-1")) + " " * 10_000_000
    repo.put("prd.json", text)
    repo.commit()

    tree.begin().wait_exit(0)

    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1"]
    assert blob(repo, "feature/ALPHA").decode() == text
    (told,) = tree.events("not_marked")
    assert told["story"] == "US-1"
    assert "up to 10000000 are marked" in told["text"]


def test_a_checkout_with_other_line_ends_than_git_has(repo: Repo, tree: Tree) -> None:
    repo.put(".gitattributes", "*.json text eol=crlf\n")
    text = text_of(story("US-1"), story("US-2"))
    repo.path.joinpath("prd.json").write_bytes(text.replace("\n", "\r\n").encode())
    repo.commit()

    tree.begin().wait_exit(0)
    tree.begin("start", "prd.json").wait_exit(0)

    expected = text.replace('"passes": false', '"passes": true')
    assert blob(repo, "feature/ALPHA").decode() == expected
    assert "prd-supervise: the PRD file as it was accepted" not in repo.subjects("feature/ALPHA")


def test_a_story_that_is_added_later_is_marked_and_the_marks_before_stay(
    repo: Repo, tree: Tree
) -> None:
    repo.prd(story("US-1"))
    repo.commit()
    tree.begin().wait_exit(0)
    reads = {"run": ["sh", "-c", "cp prd.json seen.json"]}
    later = [story("US-1"), story("US-2", reads, write("US-2.txt", "x\n"))]
    repo.prd(*later)
    repo.seal()

    tree.begin().wait_exit(0)

    assert repo.flags("feature/ALPHA") == [True, True]
    assert not tree.events("not_marked")
    seen = json.loads(repo.show("feature/ALPHA", "seen.json"))["userStories"]
    assert [(each["id"], each["passes"]) for each in seen] == [("US-1", True), ("US-2", False)]


def test_a_story_that_both_have_and_nobody_has_done_is_no_conflict(repo: Repo, tree: Tree) -> None:
    repo.configure(restart={"max_attempts": 1})
    repo.prd(story("US-1"))
    repo.commit()
    tree.begin().wait_exit(0)
    repo.prd(story("US-1"), story("US-2", {"exit": 1}))
    repo.seal()
    tree.begin().wait_exit(1)

    repo.commit("the story that came later")
    repo.git("merge", "-q", "--no-edit", "feature/ALPHA")

    assert repo.flags("main") == [True, False]
    repo.seal()


def test_an_edit_by_hand_in_the_branch_gives_way_and_is_told_of(repo: Repo, tree: Tree) -> None:
    repo.prd(story("US-1"), story("US-2", {"exit": 1}))
    repo.configure(restart={"max_attempts": 1})
    repo.commit()
    tree.begin().wait_exit(1)
    hand = repo.path.parent / "hand"
    repo.git("worktree", "add", "-q", str(hand), "feature/ALPHA")
    text = (hand / "prd.json").read_text().replace("make US-1.txt", "something else")
    (hand / "prd.json").write_text(text)
    repo.git("commit", "-q", "-a", "-m", "I know better", cwd=hand)
    repo.git("worktree", "remove", str(hand))

    tree.begin("resume", "--retry").wait_exit(1)

    assert repo.flags("feature/ALPHA") == [True, False]
    assert "something else" not in repo.show("feature/ALPHA", "prd.json")
    assert "I know better" in tree.events("prd_file_replaced")[0]["text"]


def test_a_link_to_the_prd_of_the_moment_stays_a_link(repo: Repo, tree: Tree) -> None:
    repo.prd(story("US-1"), name="tasks/prd-m22.json")
    (repo.path / ".ralph").mkdir()
    (repo.path / ".ralph/prd.json").symlink_to("../tasks/prd-m22.json")
    repo.commit()

    tree.begin("start", ".ralph/prd.json").wait_exit(0)

    assert repo.flags("feature/ALPHA", "tasks/prd-m22.json") == [True]
    assert repo.git("ls-tree", "feature/ALPHA", ".ralph/prd.json").startswith("120000")
    assert (repo.path / ".ralph/prd.json").is_symlink()


def test_a_file_that_git_ignores_stays_out_of_git(repo: Repo, tree: Tree) -> None:
    repo.put(".gitignore", "private/\n")
    repo.commit()
    repo.prd(story("US-1"), name="private/prd.json")

    tree.begin("start", "private/prd.json").wait_exit(0)

    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1"]
    assert not repo.has("feature/ALPHA", "private/prd.json")
    assert "is ignored by git" in tree.events("not_marked")[0]["text"]


def test_a_prd_outside_of_the_repository_is_run_as_well(repo: Repo, tree: Tree) -> None:
    repo.commit()
    elsewhere = Path(tree.env["TMPDIR"], "prd.json")
    elsewhere.write_text(text_of(story("US-1")))

    tree.begin("start", str(elsewhere)).wait_exit(0)

    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1"]
    assert elsewhere.read_text() == text_of(story("US-1"))
    assert not tree.events("tampering")


def test_an_agent_that_moves_the_prd_away_is_told_of(repo: Repo, tree: Tree) -> None:
    moving = {"run": ["sh", "-c", "mkdir old && git mv prd.json old/prd.json"]}
    repo.prd(story("US-1", moving, write("US-1.txt", "x\n")))
    repo.commit()

    tree.begin().wait_exit(0)

    assert [each["text"] for each in tree.events("tampering")] == [
        "the PRD file was moved to old/prd.json"
    ]
    assert repo.flags("feature/ALPHA") == [True]
    assert not repo.has("feature/ALPHA", "old/prd.json")


def test_each_branch_marks_the_tag_that_is_its_own(repo: Repo, tree: Tree) -> None:
    tags = {
        tag: {
            "tasks": [
                {
                    "id": number,
                    "title": f"{tag} {number}",
                    "status": "pending",
                    "dependencies": [],
                    "verify": ["true"],
                    "replay": [write(f"{tag}.{number}.txt", "x\n")],
                }
                for number in (1, 2)
            ]
        }
        for tag in ("api", "web")
    }
    path = ".taskmaster/tasks/tasks.json"
    repo.put(path, json.dumps(tags, indent=2))
    repo.commit()

    tree.begin("start", path).wait_exit(0)

    for tag, other in (("api", "web"), ("web", "api")):
        document = json.loads(repo.show(f"feature/{tag}", path))
        states = {name: [each["status"] for each in document[name]["tasks"]] for name in document}
        assert states == {tag: ["done", "done"], other: ["pending", "pending"]}
    assert not tree.events("not_marked")
