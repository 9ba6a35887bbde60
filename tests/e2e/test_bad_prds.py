from __future__ import annotations

import json
import re
from typing import Any

from tests.support.e2e_repo import Repo, story
from tests.support.tree import Tree
from tests.support.tree_run import Done


def refuse(repo: Repo, tree: Tree, text: str, *words: str) -> Done:
    """Start on this PRD; it must be refused, and nothing may have changed."""
    repo.put("prd.json", text)
    repo.prd(story("ok"), name="tasks/ok.json", project="OK")
    repo.commit()
    refs = repo.refs()

    refused = tree.run("start", *words, code=78)

    assert repo.refs() == refs
    assert not repo.state.exists()
    assert not refused.out
    return refused


def document(*stories: dict[str, Any], **head: Any) -> str:  # noqa: ANN401  JSON
    return json.dumps({"project": "ALPHA", **head, "userStories": list(stories)}, indent=2)


def place_of(text: str, found: str) -> str:
    """Where the text stands: `line:column`."""
    before = text[: text.index(found)]
    return f"{before.count(chr(10)) + 1}:{len(before) - (before.rfind(chr(10)) + 1) + 1}"


CASES = {
    "not-json": (
        '{\n  "userStories": [\n    {"id": "A",, }\n]}',
        ", }",
        r"this is not JSON: nothing stands before this comma; .+",
    ),
    "cut": ('{"userStories": [', "", r""),
    "no-stories": (document(), "[]", r"userStories is empty; write at least one story"),
    "duplicate": (
        document(story("A"), story("B"), story("A")).replace('"id": "A"', '"id":  "A"'),
        "",
        r"id 'A' stands on line \d+ already and on line \d+ again; give every story its own id",
    ),
    "unknown": (
        document(story("US-001"), story("US-002", dependsOn=["US-0011"])),
        '"US-0011"',
        r"'US-0011' is no story of this PRD; did you mean 'US-001'\?",
    ),
    "itself": (
        document(story("A", dependsOn=["A"])),
        '"A"\n',
        r"story 'A' depends on itself; remove that",
    ),
    "cycle": (
        document(
            story("A", dependsOn=["B"]), story("B", dependsOn=["C"]), story("C", dependsOn=["A"])
        ),
        '"A"\n',
        r"the stories wait for each other: A -> B -> C -> A; remove 'A' from dependsOn of C",
    ),
    "traversal": (document(story("../../x")), '"../../x"', r"id '\.\./\.\./x' is no safe name; .+"),
    "option": (document(story("-rf")), '"-rf"', r"id '-rf' is no safe name; .+"),
    "prd-id": (document(story("A"), id="../up"), '"../up"', r"id '\.\./up' is no safe name; .+"),
    "base": (
        document(story("A"), branchName="main"),
        '"main"',
        r"branchName is 'main'; that is the branch that the work starts from, name another one",
    ),
    "own": (
        document(story("A"), branchName="prd-supervise/A"),
        '"prd-supervise/A"',
        r"branchName is 'prd-supervise/A'; branches below 'prd-supervise' are kept for stories",
    ),
    "type": (document(story("A", title=7)), "7,", r"title is 7; a text is allowed"),
}


def test_each_defect_is_one_clear_line_with_its_place(repo: Repo, tree: Tree) -> None:
    for name, (text, _, _) in CASES.items():
        repo.put(f"tasks/{name}.json", text.replace('"ALPHA"', f'"{name}"'))

    refused = refuse(repo, tree, document(story("fine")))

    lines = [line for line in refused.lines if not line.startswith("  ")]  # the rest are excerpts
    assert len(lines) == len(CASES)
    told = {line.partition(":")[0]: line for line in lines}
    for name, (text, found, message) in CASES.items():
        line = told[f"tasks/{name}.json"].partition(":")[2]
        assert re.fullmatch(r"\d+:\d+: .+; .+", line), line
        if found:
            assert line.startswith(f"{place_of(text, found)}: ")
        if message:
            assert re.fullmatch(rf"\d+:\d+: {message}", line), line


def test_every_defect_of_every_prd_is_told_at_once(repo: Repo, tree: Tree) -> None:
    repo.put("tasks/other.json", document(story("-x"), story("../y")))

    refused = refuse(repo, tree, document(story("A", dependsOn=["Z"]), story("A")))

    assert [line.split(":")[0] for line in refused.lines] == ["prd.json"] * 2 + [
        "tasks/other.json"
    ] * 2


def test_a_defective_prd_does_not_matter_to_one_that_is_named(repo: Repo, tree: Tree) -> None:
    repo.put("prd.json", "{")
    repo.prd(story("ok"), name="tasks/ok.json", project="OK")
    repo.commit()

    tree.run("start", "OK", code=0)

    assert repo.merged("feature/OK") == ["OK/ok"]


def test_a_resume_sets_a_spoilt_prd_aside_and_runs_the_others(repo: Repo, tree: Tree) -> None:
    repo.configure(restart={"max_attempts": 1})
    for name in ("a", "b"):
        attempts = [[{"exit": 1}], [{"write": {"path": f"{name}.txt", "text": "x"}}]]
        prd = story(f"{name}", replay=attempts, verify=[f"test -s {name}.txt"])
        repo.prd(prd, name=f"tasks/{name}.json", project=name)
    repo.commit()
    tree.begin().wait_exit(1)
    repo.put("tasks/a.json", "{")
    repo.seal()

    again = tree.run("resume", "--retry")

    assert again.lines[0].startswith("tasks/a.json:1:2: ")
    assert repo.merged("feature/b") == ["b/b"]
    assert again.code != 0


def test_what_is_no_prd_is_passed_over(repo: Repo, tree: Tree) -> None:
    repo.prd(story("US-1"))
    repo.put("tasks/notes.json", '{"tasks": ["buy milk"]}')
    repo.put("tasks/plan.md", "# A plan\n\n- [ ] think\n")
    repo.commit()

    done = tree.run("start", code=0)

    assert "note: tasks/notes.json: no list of stories; passed over" in done.lines
    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1"]


def test_terminal_sequences_in_a_prd_do_not_reach_the_terminal(repo: Repo, tree: Tree) -> None:
    refused = refuse(repo, tree, document(story("\x1b]0;owned\x07\nnext: line")))

    assert len(refused.lines) == 1
    assert refused.err.rstrip("\n").isprintable()
