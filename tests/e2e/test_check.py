from __future__ import annotations

import json
from pathlib import Path

from tests.support.e2e_repo import Repo, story
from tests.support.tree import Tree

CLEAN = "0 errors, 0 warnings, 0 hints in 2 files; 1 story in 1 PRD"


def test_a_sound_repository_is_told_to_be_so(repo: Repo, tree: Tree) -> None:
    repo.prd(story("A"))
    repo.commit()

    checked = tree.run("check", code=0)

    assert checked.out == f"{CLEAN}\n"
    assert checked.err == ""
    assert not repo.state.exists()


def test_everything_wrong_is_told_at_once_by_file_and_line(repo: Repo, tree: Tree) -> None:
    repo.put("prd-supervise.toml", "max_prd = 2\n")
    repo.prd(
        story("A", acceptanceCriteria=None, agent="a-role-of-broken-settings"),
        story("B", dependsOn=["NOBODY"]),
    )
    repo.put("tasks/a.json", '{"userStories": [}')
    repo.put("tasks/b.json", '{"userStories": [{"id": "C", "title": "c", "noCode": 1}]}')
    repo.put("tasks/note.json", '["prose"]')
    repo.commit()

    checked = tree.run("check", code=78)

    places = [line.split(": ")[0] for line in checked.out.splitlines() if not line.startswith(" ")]
    assert places[:-2] == [
        "prd-supervise.toml:1:1",
        "prd.json:4:5",
        f"prd.json:{_line_of(repo, 'NOBODY')}:9",
        "tasks/a.json:1:18",
        "tasks/b.json:1:18",
        "tasks/b.json:1:54",
    ]
    assert places[-2] == "note"
    assert checked.out.splitlines()[-1].startswith("4 errors, 2 warnings, 0 hints in 4 files; ")


def test_a_story_of_a_prd_with_errors_is_known_all_the_same(repo: Repo, tree: Tree) -> None:
    repo.prd(story("A", dependsOn=["BETA/B"]))
    repo.prd(story("B", noCode="maybe"), name="tasks/b.json", project="BETA")
    repo.commit()

    lines = tree.run("check", code=78).out.splitlines()

    assert "'BETA/B' is a story of the PRD 'BETA', which has errors of its own; " in lines[0]
    assert [line.partition(":")[0] for line in lines[:-1]] == ["prd.json", "tasks/b.json"]
    assert lines[-1] == "2 errors, 0 warnings, 0 hints in 3 files; 2 stories in 2 PRDs"


def _line_of(repo: Repo, text: str) -> int:
    lines = (repo.path / "prd.json").read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if text in line)


def test_warnings_are_errors_if_that_is_wanted(repo: Repo, tree: Tree) -> None:
    repo.prd(story("A", verify=None))
    repo.commit()

    assert "prd.json:1:1: warning: no verify command for A; " in tree.run("check", code=0).out
    assert "prd.json:1:1: no verify command for A; " in tree.run("check", "--strict", code=78).out


def test_the_document_for_editors_says_the_same(repo: Repo, tree: Tree) -> None:
    repo.prd(story("A", verify=None), story("B", agent="nobody"))
    repo.commit()

    document = json.loads(tree.run("check", "--json", code=0).out)

    assert document["version"] == 1
    assert document["root"] == str(repo.path)
    assert [(each["code"], each["severity"], each["line"]) for each in document["defects"]] == [
        ("unverified", "warning", 1),
        ("unknown-agent", "hint", document["defects"][1]["line"]),
    ]
    assert document["summary"]["warnings"] == 1


def test_prds_can_be_named_and_the_others_are_left_alone(repo: Repo, tree: Tree) -> None:
    repo.prd(story("A"))
    repo.put("tasks/bad.json", '{"userStories": [}')
    repo.commit()

    assert tree.run("check", "prd.json", code=0).out == f"{CLEAN}\n"
    tree.run("check", "tasks/bad.json", code=78)


def test_a_file_outside_of_any_repository_is_checked(tree: Tree, tmp_path: Path) -> None:
    folder = tmp_path / "plain"
    folder.mkdir()
    (folder / "prd.json").write_text(json.dumps({"userStories": [story("A")]}), encoding="utf-8")

    checked = tree.run("check", "prd.json", cwd=folder, code=0)
    assert checked.out == "0 errors, 0 warnings, 0 hints in 1 file; 1 story in 1 PRD\n"
    assert "not a git repository" in tree.run("check", cwd=folder, code=2).err
    assert "nowhere: no such file" in tree.run("check", "nowhere", cwd=folder, code=2).err


def test_an_agent_that_this_machine_lacks_is_a_warning(repo: Repo, tree: Tree) -> None:
    repo.put("prd-supervise.toml", 'max_prds = 2\n[agent]\ncommand = ["no-such-agent"]\n')
    repo.prd(story("A"))
    repo.commit()

    line = "prd-supervise.toml:3:1: warning: agent.command: 'no-such-agent' is not on PATH"
    assert tree.run("check", code=0).out.startswith(line)
    refused = tree.run("start", code=78)
    assert refused.lines[0].startswith("prd-supervise.toml:3:1: agent.command: 'no-such-agent'")


def test_a_start_counts_the_warnings_in_one_line_and_goes_on(repo: Repo, tree: Tree) -> None:
    repo.prd(story("A", acceptanceCriteria=None), story("B", verify=None))
    repo.commit()

    done = tree.run("start", code=0)

    assert "2 warnings; `prd-supervise check` shows what" in done.err.splitlines()
    assert sorted(repo.merged("feature/ALPHA")) == ["ALPHA/A", "ALPHA/B"]


def test_a_start_refuses_prds_that_wait_for_each_other(repo: Repo, tree: Tree) -> None:
    repo.prd(story("A", dependsOn=["BETA/B"]))
    repo.prd(story("B", dependsOn=["ALPHA/A"]), name="tasks/b.json", project="BETA")
    repo.commit()

    refused = tree.run("start", code=78)

    (line,) = refused.lines
    assert "stories of several PRDs wait for each other: " in line
    assert not repo.state.exists()


def test_a_file_that_commands_name_and_nobody_has_committed_is_told(repo: Repo, tree: Tree) -> None:
    repo.configure(verify={"commands": ["sh -e ./tests/run.sh | tee ../log", "cache/tool -q"]})
    repo.put("prds/known.sh", "true\n")
    repo.put(".gitignore", "cache/\n")
    prd = repo.prd(story("A", verify=["true", "sh prds/known.sh && sh 'own.sh'"]))
    repo.commit()
    for name in ("tests/run.sh", "cache/tool", "own.sh"):
        repo.put(name, "true\n")
    repo.seal()
    configured = "prd-supervise.toml:10:1: warning: tests/run.sh is here, but is not committed: "
    own = f"{prd.name}:1:1: warning: own.sh is here, but is not committed: "

    checked = tree.run("check", code=0).out.splitlines()

    assert [line.startswith((configured, own)) for line in checked if "committed" in line] == [
        True,
        True,
    ]
    looked = tree.run("doctor").out.splitlines()
    found = [each for each in looked if each.startswith("  warn  committed")]
    assert ["tests/run.sh is here" in found[0], "own.sh is here" in found[1]] == [True, True]
    begun = tree.run("start", code=1)
    assert sum(line.startswith((configured, own)) for line in begun.err.splitlines()) == 2
