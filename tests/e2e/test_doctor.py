from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.support.e2e_repo import Repo
from tests.support.tree import Tree


def lines(tree: Tree, *, exit_code: int = 0) -> dict[str, list[dict[str, Any]]]:
    """The lines of `doctor --json` by their subject."""
    done = tree.run("doctor", "--json")
    assert done.code == exit_code, done.out + done.err
    found: dict[str, list[dict[str, Any]]] = {}
    for line in json.loads(done.out)["lines"]:
        found.setdefault(line["subject"], []).append(line)
    return found


def test_a_repository_that_is_ready_has_nothing_that_fails(repo: Repo, tree: Tree) -> None:
    repo.commit()

    found = lines(tree)

    assert {line["level"] for each in found.values() for line in each} <= {"ok", "warn"}
    for subject in ("git", "repository", "state", "worktrees", "disk", "agent", "clock", "pidfd"):
        assert [line["level"] for line in found[subject]] == ["ok"], found[subject]
    text = tree.run("doctor").out
    assert text.splitlines()[-1].startswith("0 failed, ")
    assert not repo.state.exists()


def test_what_is_missing_is_named_with_what_to_do(repo: Repo, tree: Tree) -> None:
    repo.configure(agent={"use": "command", "command": ["no-such-agent"]})
    repo.put("package.json", '{"prettier": {}}')
    repo.put(".gitattributes", "*.bin filter=lfs diff=lfs merge=lfs\n")
    repo.put(".gitmodules", "")
    repo.put("tsconfig.json", "{}")
    repo.put(".git/hooks/pre-commit", "#!/bin/sh\n", mode=0o755)
    repo.git("add", ".gitattributes")
    repo.commit()

    found = lines(tree, exit_code=1)

    assert "no-such-agent" in found["agent"][0]["text"]
    assert [found[name][0]["level"] for name in ("agent", "filters")] == ["fail", "fail"]
    assert found["filters"][0]["advice"] == "git lfs install"
    for subject in ("hooks", "submodules", "node", "formatter", "type check"):
        (line,) = found[subject]
        assert line["level"] == "warn"
        assert line["advice"]


def test_a_tool_that_the_settings_name_and_nobody_has_is_told(repo: Repo, tree: Tree) -> None:
    repo.put("types.sh", "#!/bin/sh\n", mode=0o755)
    checks = ["no-such-check --fast", "bin/missing", "./types.sh", "cd . && ./types.sh", "A=1 sh"]
    repo.configure(merge={"checks": checks, "formatters": []})
    repo.commit()

    found = lines(tree)

    levels = [line["level"] for line in found["type check"]]
    assert levels == ["warn", "warn", "ok", "ok", "ok"]
    assert "no such program" in found["type check"][0]["text"]
    assert [line["level"] for line in found["formatter"]] == ["ok"]


def test_a_tool_that_fresh_worktrees_will_lack_is_no_tool_yet(repo: Repo, tree: Tree) -> None:
    repo.put(".gitignore", "node_modules/\n")
    repo.put("package.json", '{"prettier": {}}')
    repo.commit()
    repo.put("node_modules/.bin/prettier", "#!/bin/sh\n", mode=0o755)
    programs = repo.path.parent / "programs"
    programs.mkdir()
    (programs / "npx").write_text("#!/bin/sh\n")
    (programs / "npx").chmod(0o755)
    tree.env["PATH"] = f"{programs}:{tree.env['PATH']}"

    (line,) = lines(tree)["formatter"]
    assert line["level"] == "warn"
    assert "a fresh worktree has none" in line["text"]
    assert 'link = ["node_modules"], or setup = ["npm ci"]' in line["advice"]

    for table in ({"link": ["node_modules"]}, {"setup": ["npm ci"]}):
        repo.configure(worktree=table)
        repo.seal()
        (line,) = lines(tree)["formatter"]
        assert line["level"] == "ok"


def test_a_broken_configuration_is_a_line_and_the_rest_is_looked_at(repo: Repo, tree: Tree) -> None:
    repo.commit()
    repo.put("prd-supervise.toml", "max_prds = 'many'\n")

    found = lines(tree, exit_code=1)

    assert found["configuration"][0]["level"] == "fail"
    assert "max_prds" in found["configuration"][0]["text"]
    assert found["disk"][0]["level"] == "ok"
    assert not {"agent", "verify"} & found.keys(), "what the file says of them is not known"


def test_too_little_room_fails(repo: Repo, tree: Tree) -> None:
    repo.configure(worktree={"free_min": "100TiB"})
    repo.commit()

    (line,) = lines(tree, exit_code=1)["disk"]

    assert line["level"] == "fail"
    assert "free_min" in line["advice"]


def test_outside_of_a_repository_doctor_says_so(tree: Tree, repo: Repo, tmp_path: Path) -> None:
    repo.commit()
    folder = tmp_path / "elsewhere"
    folder.mkdir()

    done = tree.run("doctor", "-C", str(folder))

    assert done.code == 1
    assert "not a git repository" in " ".join(done.out.split())
    assert "git init" in done.out
    assert done.err == ""
