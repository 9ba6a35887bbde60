from __future__ import annotations

import shutil
from pathlib import Path

from tests.support.e2e_repo import HOLD, Repo, story, write
from tests.support.tree import Tree

HOSTILE = {
    "commit.gpgsign": "true",
    "gpg.program": "false",
    "core.editor": "false",
    "merge.ff": "only",
    "commit.status": "false",
    "status.showUntrackedFiles": "no",
    "diff.noprefix": "true",
    "diff.mnemonicPrefix": "true",
    "core.quotePath": "true",
    "log.showSignature": "true",
    "color.ui": "always",
    "core.pager": "false",
    "push.default": "nothing",
    "checkout.defaultRemote": "x",
    "worktree.guessRemote": "true",
    "rerere.enabled": "true",
    "user.useConfigOnly": "true",
    "advice.detachedHead": "true",
    "column.ui": "always",
    "core.untrackedCache": "true",
    "merge.conflictStyle": "zdiff3",
    "branch.autoSetupMerge": "always",
}


def test_the_user_s_git_settings_do_not_matter(repo: Repo, tree: Tree) -> None:
    repo.prd(story("US-1"), story("US-2", dependsOn=["US-1"]))
    repo.commit()
    for name, value in HOSTILE.items():
        repo.git("config", name, value)
    repo.git("stash", "list")

    tree.begin().wait_exit(0)

    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1", "ALPHA/US-2"]


def test_no_hook_of_the_user_s_is_run_by_us(repo: Repo, tree: Tree) -> None:
    repo.prd(story("US-1"))
    repo.commit()
    for name in (
        "pre-commit",
        "commit-msg",
        "post-commit",
        "post-checkout",
        "reference-transaction",
    ):
        hook = repo.path / ".git" / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f'#!/bin/sh\necho {name} >> "$TMPDIR/hooks"\nexit 1\n')
        hook.chmod(0o755)

    tree.begin().wait_exit(0)

    shutil.rmtree(repo.path / ".git" / "hooks")  # the seal's own git would run them, too
    assert not (repo.path.parent / "tmp" / "hooks").exists()
    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1"]


def test_a_repository_may_lie_at_any_path(env: dict[str, str], tmp_path: Path) -> None:
    repo = Repo(tmp_path / "-dash ünï-cödé" / "quo'te\"d $HOME", env)
    repo.configure()
    repo.prd(story("US-1"), story("US-2", dependsOn=["US-1"]))
    repo.commit()
    tree = Tree(repo, env, tmp_path)

    try:
        tree.begin().wait_exit(0)
        assert tree.prd()["state"] == "completed"
    finally:
        tree.end()

    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1", "ALPHA/US-2"]
    repo.check_seal()


def test_a_repository_whose_path_has_a_line_break_is_refused(
    env: dict[str, str], tmp_path: Path
) -> None:
    repo = Repo(tmp_path / "new\nline", env)
    repo.configure()
    repo.prd(story("US-1"))
    repo.commit()

    refused = Tree(repo, env, tmp_path).run("start", code=2)

    assert len(refused.lines) == 1
    assert "line break" in refused.err
    assert not repo.state.exists()


def test_a_repository_whose_path_is_no_utf_8_is_refused(
    env: dict[str, str], tmp_path: Path
) -> None:
    repo = Repo(tmp_path / "caf\udce9", env)
    repo.configure()
    repo.prd(story("US-1"))
    repo.commit()
    tree = Tree(repo, env, tmp_path)

    for words in (("start",), ("status",), ("events",)):
        refused = tree.run(*words, code=2)
        assert len(refused.lines) == 1
        assert "not UTF-8" in refused.err
    assert not repo.state.exists()


def test_a_root_is_found_from_a_shell_with_another_runtime_folder(repo: Repo, tree: Tree) -> None:
    """A root of a login session, and a shell of `su` or cron: no XDG_RUNTIME_DIR, or another."""
    repo.prd(story("US-1", {"say": "at work"}, HOLD, write("US-1.txt", "x\n")))
    repo.commit()
    run = tree.begin()
    tree.wait_said("US-1", "at work")

    elsewhere = {"XDG_RUNTIME_DIR": ""}
    assert f"pid {run.pid}" in tree.run("status", env=elsewhere, code=0).out
    tree.run("hold", "ALPHA", env=elsewhere, code=0)
    tree.run("stop", "--now", env=elsewhere, code=0)

    run.wait_exit(75)


def test_file_names_of_any_kind_are_kept(repo: Repo, tree: Tree) -> None:
    names = ["with space.txt", 'quo"te.txt', "ünï.txt", "-dash.txt", "a\tb.txt", ":(glob)x.txt"]
    repo.prd(story("US-1", *(write(name, "x\n") for name in names), verify=["test -s ünï.txt"]))
    repo.commit()

    tree.begin().wait_exit(0)

    shown = repo.git("ls-tree", "-r", "-z", "--name-only", "feature/ALPHA").split("\0")
    assert set(names) <= set(shown)
    assert sorted(tree.result("US-1")["files"]) == sorted(names)


def test_line_ends_are_the_user_s_affair(repo: Repo, tree: Tree) -> None:
    repo.put(".gitattributes", "*.json text eol=crlf\n*.txt text\n")
    repo.git("config", "core.autocrlf", "true")
    repo.prd(story("US-1"), story("US-2", dependsOn=["US-1"]))
    repo.commit()

    tree.begin().wait_exit(0)

    assert repo.flags("feature/ALPHA") == [True, True]
    changed = repo.git("diff", "--numstat", "main", "feature/ALPHA", "--", "prd.json")
    assert changed.split()[:2] == ["2", "2"]


def test_worktrees_can_be_put_elsewhere(repo: Repo, tree: Tree, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    repo.configure(worktree={"root": str(elsewhere)}, restart={"max_attempts": 1})
    repo.prd(story("US-1"), story("US-2", write("half.txt", "x"), {"exit": 1}))
    repo.commit()

    tree.begin().wait_exit(1)

    kept = Path(tree.prd()["stories"]["US-2"]["worktree"])
    assert kept.is_relative_to(elsewhere)
    assert (kept / "half.txt").exists()
    assert not (repo.state / "worktrees").exists()


def test_from_a_linked_worktree_the_root_of_the_checkout_is_seen(repo: Repo, tree: Tree) -> None:
    repo.prd(story("US-1", {"say": "at work"}, HOLD, write("US-1.txt", "x\n")))
    repo.commit()
    linked = repo.path.parent / "linked"
    repo.git("worktree", "add", "-q", "-b", "side", str(linked))
    run = tree.begin()
    tree.wait_said("US-1", "at work")

    refused = tree.run("start", cwd=linked, code=1)
    assert f"root already runs here: pid {run.pid}" in refused.err
    assert f"pid {run.pid}" in tree.run("status", cwd=linked, code=0).out
    inside = repo.state / "worktrees" / "ALPHA.1"
    assert f"pid {run.pid}" in tree.run("status", cwd=inside, code=0).out

    tree.go()
    run.wait_exit(0)


def test_a_locale_that_cannot_say_a_title_spoils_no_command(repo: Repo, tree: Tree) -> None:
    repo.prd(story("US-1", title="Grüße"), story("US-2", dependsOn=["US-1"]))
    repo.commit()
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}

    for words in (("check",), ("plan", "--tree"), ("start",), ("status",), ("report",)):
        done = tree.run(*words, env=ascii_only, code=0)
        assert done.out.isascii()
    assert "Gr??e" in tree.run("status", "ALPHA", env=ascii_only).out
    assert "Grüße" in repo.git("log", "--format=%s", "feature/ALPHA"), "only what is shown suffers"
