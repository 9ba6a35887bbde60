from __future__ import annotations

import json
from pathlib import Path

from tests.support.e2e_repo import Repo, story
from tests.support.tree import Tree


def test_the_example_and_settings_are_written_and_only_the_agent_is_missing(
    repo: Repo, tree: Tree
) -> None:
    (repo.path / "prd-supervise.toml").unlink()
    repo.commit()

    told = tree.run("init", cwd=repo.path, code=0)
    repo.seal()

    assert "wrote prd.json" in told.out
    assert "wrote prd-supervise.toml" in told.out
    (warning, _) = tree.run("check", code=0).out.splitlines()
    assert warning.startswith("prd-supervise.toml:4:2: warning: no agent is set; ")


def test_nothing_is_overwritten_unless_that_is_forced(repo: Repo, tree: Tree) -> None:
    mine = repo.prd(story("A"))
    settings = repo.path / "prd-supervise.toml"
    repo.commit()
    before = mine.read_bytes(), settings.read_bytes()

    assert "prd.json: it exists already; --force overwrites it" in tree.run("init", code=1).err
    assert "prd.json" in tree.run("init", "--dry-run", code=0).out
    assert (mine.read_bytes(), settings.read_bytes()) == before
    tree.run("init", "--force", "prds/active/more", code=0)
    assert settings.read_bytes() == before[1]
    tree.run("init", "--force", code=0)
    repo.seal()

    assert mine.read_bytes() != before[0]
    assert settings.read_bytes() != before[1]


def test_settings_are_guessed_and_a_night_goes_by_them(repo: Repo, tree: Tree) -> None:
    (repo.path / "prd-supervise.toml").unlink()
    repo.put("Makefile", "test:\n\ttest -s made.txt\n")
    repo.put("web/package.json", '{"scripts": {"lint": "x"}}')
    repo.commit()

    shown = tree.run("init", "--dry-run", code=0).out
    assert 'make test",  # because Makefile has a target "test"' in shown
    assert not (repo.path / "prd-supervise.toml").exists()
    tree.run("init", code=0)
    made = repo.path / "prd.json"
    document = json.loads(made.read_text(encoding="utf-8"))
    assert "verify" not in document
    for each in document["userStories"]:
        each["replay"] = [{"append": {"path": "made.txt", "text": f"{each['id']}\n"}}]
    made.write_text(json.dumps(document), encoding="utf-8")
    repo.git("add", "-A")
    repo.git("commit", "-q", "-m", "init")
    repo.seal()
    assert tree.run("check", code=0).out.startswith("prd-supervise.toml:4:2: warning: no agent")

    tree.run("start", "--agent", "replay", code=0)

    assert "`make test` passed" in json.dumps(tree.events("verified"))
    assert len(repo.merged("feature/shop")) == 2


def test_where_prds_are_already_only_settings_are_written(repo: Repo, tree: Tree) -> None:
    (repo.path / "prd-supervise.toml").unlink()
    repo.prd(story("A"), name="tasks/prd.json")
    repo.commit()

    told = tree.run("init", code=0).out
    repo.seal()

    assert told.splitlines()[0] == "wrote prd-supervise.toml"
    assert not (repo.path / "prd.json").exists()


def test_a_place_can_be_a_folder_or_a_file(repo: Repo, tree: Tree) -> None:
    repo.commit()
    tree.run("init", "prds/active/shop", code=0)
    tree.run("init", "tasks/mine.json", code=0)
    repo.seal()
    assert (repo.path / "prds/active/shop/prd.json").is_file()
    assert (repo.path / "tasks/mine.json").is_file()
    assert json.loads(tree.run("init", "-o", "-", code=0).out)["id"] == "shop"


def test_a_link_is_written_through(repo: Repo, tree: Tree) -> None:
    real = repo.prd(story("A"), name="milestones/one.json")
    link = repo.path / "prd.json"
    link.symlink_to("milestones/one.json")
    repo.commit()

    tree.run("init", "--force", code=0)
    repo.seal()

    assert link.is_symlink()
    assert json.loads(real.read_text(encoding="utf-8"))["id"] == "shop"


def test_another_prd_is_turned_into_our_form(repo: Repo, tree: Tree) -> None:
    source = {"name": "Old", "owner": "me", "stories": [{"id": 7, "title": "T", "status": "done"}]}
    repo.put("notes/old.json", json.dumps(source))
    repo.commit()

    told = tree.run("init", "--from", "notes/old.json", code=0)
    repo.seal()

    assert "notes/old.json is still there" in told.out
    document = json.loads((repo.path / "prds/active/Old/prd.json").read_text(encoding="utf-8"))
    assert document["owner"] == "me"
    assert document["userStories"] == [{"id": "7", "title": "T", "passes": True}]


def test_what_check_refuses_is_not_turned(repo: Repo, tree: Tree) -> None:
    twice = {"stories": [{"id": "A", "title": "T"}, {"id": "A", "title": "T"}]}
    repo.put("notes/old.json", json.dumps(twice, indent=1))
    repo.commit()

    refused = tree.run("init", "--from", "notes/old.json", code=78)
    assert refused.err.startswith("notes/old.json:8:")
    assert (
        "notes/none.json: the file cannot be read"
        in tree.run("init", "--from", "notes/none.json", code=78).err
    )
    assert not (repo.path / "prds").exists()


def test_an_example_can_be_written_before_there_is_a_repository(tree: Tree, tmp_path: Path) -> None:
    folder = tmp_path / "plain"
    folder.mkdir()
    tree.run("init", cwd=folder, code=0)
    assert sorted(path.name for path in folder.iterdir()) == ["prd-supervise.toml", "prd.json"]
