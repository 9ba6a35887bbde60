from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

from tests.support.e2e_repo import HOLD, Repo, story, write
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
    for subject in ("git", "repository", "state", "worktrees", "disk", "agent", "clock", "kernel"):
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


def levels(found: dict[str, list[dict[str, Any]]], subject: str) -> list[str]:
    return [line["level"] for line in found.get(subject, [])]


def test_a_worktree_is_really_made_and_nothing_of_it_is_left(repo: Repo, tree: Tree) -> None:
    repo.commit()

    found = lines(tree)

    assert levels(found, "worktree") == ["ok"]
    assert "removed" in found["worktree"][0]["text"]
    assert repo.git("worktree", "list").count("\n") == 0
    assert not repo.state.exists()


def test_a_place_where_no_worktree_can_be_made_fails(repo: Repo, tree: Tree) -> None:
    repo.configure(worktree={"root": "a-file/wt"})
    repo.put("a-file", "x\n")
    repo.commit()

    found = lines(tree, exit_code=1)

    assert levels(found, "worktree") == ["fail"]
    assert levels(found, "worktrees") == ["fail"]


def test_verify_commands_run_on_the_base_when_that_is_asked_for(repo: Repo, tree: Tree) -> None:
    repo.configure(
        verify={"commands": ["test -s made.txt", "test -s README && ! test -e later.txt"]},
        worktree={"setup": ["echo x > made.txt"]},
    )
    repo.commit()
    repo.put("later.txt", "nobody has committed it\n")
    repo.seal()
    before = repo.refs()

    done = tree.run("doctor", "--verify", "--json", code=0)

    told = [line for line in json.loads(done.out)["lines"] if line["subject"] == "on the base"]
    assert [line["level"] for line in told] == ["ok", "ok"]
    assert '"setup"' in done.out
    assert repo.refs() == before
    assert repo.git("worktree", "list").count("\n") == 0
    assert not repo.state.exists()
    assert not list(Path(tree.env["TMPDIR"]).iterdir())


def test_a_verify_command_that_fails_on_the_base_is_told_with_its_last_words(
    repo: Repo, tree: Tree
) -> None:
    commands = ["true", "sleep 600 & echo early; echo the reason; exit 3"]
    repo.configure(verify={"commands": commands})
    repo.commit()

    done = tree.run("doctor", "--verify", code=1)

    words = " ".join(done.out.split())
    assert "ended with 3 after" in words
    assert "early | the reason" in words
    assert not tree.everybody()


def test_a_verify_command_that_hangs_is_ended_at_its_timeout(repo: Repo, tree: Tree) -> None:
    repo.configure(verify={"commands": ["sleep 600"], "timeout_s": 0.2})
    repo.commit()

    assert "`sleep 600` timed out" in " ".join(tree.run("doctor", "--verify", code=1).out.split())


def test_doctor_can_be_interrupted_and_leaves_nothing(
    repo: Repo, tree: Tree, tmp_path: Path
) -> None:
    begun = tmp_path / "begun"
    repo.configure(
        verify={"commands": [f"echo $TMPDIR > {begun}.new; mv {begun}.new {begun}; sleep 600"]}
    )
    repo.commit()
    run = tree.begin("doctor", "--verify")
    tree.wait(begun.exists, "the verify command has begun", run)

    run.signal(signal.SIGINT)
    run.wait_exit(130)

    tree.wait_gone()
    assert repo.git("worktree", "list").count("\n") == 0
    assert not repo.state.exists()
    assert not Path(begun.read_text().strip()).exists()


def test_an_agent_is_asked_for_its_version_and_its_login_is_looked_for(
    repo: Repo, tree: Tree, tmp_path: Path
) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    for name, text in (
        ("claude", "printf '\\033]0;x\\007\\033[1m9.8.7\\033[m (Claude Code)\\n'; sleep 600 &"),
        ("codex", "echo broken >&2; exit 3"),
    ):
        (programs / name).write_text(f"#!/bin/sh\n{text}\n")
        (programs / name).chmod(0o755)
    tree.env |= {"PATH": f"{programs}:{tree.env['PATH']}", "MY_KEY": "a-key-that-nobody-sees"}
    tree.env["ANTHROPIC_API_KEY"] = "another-that-nobody-sees"
    repo.configure(
        agent={"use": "claude", "fallback": ["codex"], "secret_env": ["MY_KEY", "NO_KEY"]}
    )
    repo.commit()

    done = tree.run("doctor", "--json", code=1)

    found: dict[str, list[dict[str, str]]] = {}
    for line in json.loads(done.out)["lines"]:
        found.setdefault(line["subject"], []).append(line)
    assert [line["level"] for line in found["version"]] == ["ok", "fail"]
    assert found["version"][0]["text"] == "claude: 9.8.7 (Claude Code)"
    assert "ended with 3: broken" in found["version"][1]["text"]
    assert "ANTHROPIC_API_KEY" in found["login"][0]["text"]
    assert found["keys"][0]["text"] == "not in this environment: NO_KEY"
    assert "nobody-sees" not in done.out
    assert not tree.everybody()


def test_prds_their_scopes_and_the_contexts_of_roles_are_looked_at(repo: Repo, tree: Tree) -> None:
    repo.put("src/shop/a.py", "")
    repo.put("docs/api.md", "# It\n")
    repo.configure(
        roles={}, **{"roles.api": {"context": ["docs/*.md"]}, "roles.ui": {"context": ["no/*"]}}
    )
    repo.prd(
        story("A", targetFiles=["src/shop/**", "src/shop/new.py"]),
        story("B", targetFiles=["scr/shop/**"]),
    )
    repo.commit()

    found = lines(tree)

    assert found["PRDs"][0]["text"].startswith("1 PRD with 2 stories: ALPHA")
    (scopes,) = found["file scopes"]
    assert scopes["level"] == "warn"
    assert "ALPHA/B scr/shop/**" in scopes["text"]
    assert "src/shop" not in scopes["text"].replace("scr/shop", "")
    assert sorted(levels(found, "context")) == ["ok", "warn"]


def test_a_prd_that_is_broken_is_a_line(repo: Repo, tree: Tree) -> None:
    repo.put("prd.json", '{"userStories": [}')
    repo.commit()

    (line,) = lines(tree)["PRDs"]

    assert line["level"] == "warn"
    assert line["text"].startswith("prd.json:1:")
    assert "prd-supervise check" in line["advice"]


def test_a_verify_program_that_nobody_has_is_told(repo: Repo, tree: Tree) -> None:
    repo.configure(verify={"commands": ["no-such-program --all", ".venv/bin/made"]})
    repo.commit()

    assert levels(lines(tree), "verify") == ["warn", "warn", "ok"]
    repo.configure(
        verify={"commands": ["no-such-program", ".venv/bin/made"]}, worktree={"setup": ["true"]}
    )
    repo.seal()
    assert levels(lines(tree), "verify") == ["warn", "ok"]


def test_who_is_to_be_told_and_cannot_be_is_a_line(repo: Repo, tree: Tree) -> None:
    repo.configure(
        notify=["no-such-notifier", "{title}"],
        webhook="https://hooks.example.org/x",
        webhook_headers=["Authorization: Bearer $NO_SUCH_TOKEN"],
        metrics_textfile="no/such/folder/prd.prom",
    )
    repo.commit()

    found = lines(tree, exit_code=1)

    assert set(levels(found, "notify")) == {"fail"}
    assert "no-such-notifier" in str(found["notify"])
    assert "NO_SUCH_TOKEN" in str(found["notify"])
    assert levels(found, "metrics") == ["fail"]
    repo.configure(notify=["true", "{title}"], metrics_textfile="prd.prom")
    repo.seal()
    found = lines(tree)
    assert levels(found, "notify") + levels(found, "metrics") == ["ok", "ok"]


# --- what start looks at ------------------------------------------------------------------------


def test_start_refuses_what_could_not_run_and_says_how_to_mend_it(repo: Repo, tree: Tree) -> None:
    repo.put(".gitattributes", "*.bin filter=lfs\n")
    repo.prd(story("US-1"))
    repo.commit()

    refused = tree.run("start", code=1)

    told = "filters: .gitattributes wants filter=lfs, which is not set up here; git lfs install"
    assert refused.lines[0] == told
    assert "start --no-doctor" in refused.lines[-1]
    assert not repo.state.exists()


def test_start_goes_on_where_doctor_is_not_wanted_and_where_it_only_warns(
    repo: Repo, tree: Tree
) -> None:
    repo.put(".gitattributes", "*.bin filter=nobody-has-it\n")
    repo.configure(agent={"use": "replay", "secret_env": ["NO_SUCH_KEY"]})
    repo.prd(story("US-1"))
    repo.commit()

    tree.run("start", code=1)
    told = tree.run("start", "--no-doctor", code=0)
    assert "NO_SUCH_KEY" not in told.err

    again = tree.run("resume", code=0)
    assert "nothing to do" in again.err


def test_what_was_begun_goes_on_and_is_told_what_doctor_would_refuse(
    repo: Repo, tree: Tree
) -> None:
    repo.configure(agent={"use": "replay", "secret_env": ["NO_SUCH_KEY"]})
    repo.prd(story("US-1", HOLD, write("US-1.txt", "x\n")))
    repo.commit()
    run = tree.begin("start")
    tree.wait_event("attempt_started")
    tree.run("stop", "--now", code=0)
    run.wait_exit(75)
    repo.put(".git/info/attributes", "")
    tree.go()

    resumed = tree.run("resume", code=0)

    assert "warning: keys: not in this environment: NO_SUCH_KEY; " in resumed.err
