from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prd_supervise.workers.git.commands import Commands, GitRefused
from prd_supervise.workers.git.tree_objects import changed_tree

PATHS = ("a", "a.b", "a/b", "a/b/c", "a/d", "a-b/c", "e", "e/f", "g h/ü", "z\n/x")
PLAIN, NONE = "100644", ("0", "")


@pytest.fixture(params=["sha1", "sha256"])
def git(request: pytest.FixtureRequest, tmp_path: Path) -> Commands:
    """A repository without a commit, for each kind of names."""
    made = Commands(tmp_path, timeout_s=60, environment={"GIT_LITERAL_PATHSPECS": "1"})
    made.run("init", "--quiet", f"--object-format={request.param}")
    return made


def by_index(git: Commands, files: dict[str, tuple[str, str]]) -> str:
    """The tree of these files as git itself makes it."""
    git.run("read_tree", "--empty")
    told = "".join(f"{mode} {blob}\t{path}\0" for path, (mode, blob) in files.items())
    git.run("update_index", "--add", "-z", "--index-info", stdin=told.encode())
    return git.run("write_tree").line


def blob(git: Commands, text: bytes) -> str:
    return git.run("hash_object", "-w", "--stdin", stdin=text).line


def fits(path: str, others: set[str]) -> bool:
    return not any(path.startswith(f"{o}/") or o.startswith(f"{path}/") for o in others - {path})


@settings(max_examples=8, deadline=None, database=None)
@given(
    before=st.sets(st.sampled_from(PATHS)),
    after=st.dictionaries(st.sampled_from(PATHS), st.booleans(), min_size=1),
)
def test_a_tree_is_changed_as_by_an_index(
    tmp_path_factory: pytest.TempPathFactory, before: set[str], after: dict[str, bool]
) -> None:
    git = Commands(tmp_path_factory.mktemp("git"), timeout_s=60, environment={})
    git.run("init", "--quiet")
    old, new = blob(git, b"old"), blob(git, b"new")
    files: dict[str, tuple[str, str]] = {}
    for path in sorted(before):
        if fits(path, set(files)):
            files[path] = (PLAIN, old)
    tree = by_index(git, files)
    changes: dict[str, tuple[str, str]] = {}
    for path, is_put in after.items():
        if fits(path, {*files, *changes}):
            changes[path] = ("100755", new) if is_put else NONE
    wanted = {path: what for path, what in (files | changes).items() if what[1]}
    assert changed_tree(git, tree, changes) == by_index(git, wanted)


def test_a_tree_is_changed_whatever_kind_of_names_the_repository_has(git: Commands) -> None:
    old = blob(git, b"old")
    tree = by_index(git, {"a/b": (PLAIN, old), "c": ("120000", old)})
    changed = changed_tree(git, tree, {"a/b": NONE, "d/e/f": (PLAIN, old)})
    assert changed == by_index(git, {"c": ("120000", old), "d/e/f": (PLAIN, old)})
    assert git.run("cat_file", "-t", f"{changed}:d/e").line == "tree"


def test_a_folder_is_never_put_in_a_files_place_nor_a_file_in_a_folders(git: Commands) -> None:
    old = blob(git, b"old")
    tree = by_index(git, {"a/b": (PLAIN, old), "c": (PLAIN, old)})
    module = by_index(git, {"c": ("160000", old)})
    for given_tree, path in ((tree, "a"), (tree, "c/d"), (module, "c/d")):
        with pytest.raises(GitRefused, match="folder"):
            changed_tree(git, given_tree, {path: (PLAIN, old)})


def test_there_has_to_be_a_tree(git: Commands) -> None:
    names = "1" * len(blob(git, b"old"))
    with pytest.raises(GitRefused, match="there is no tree"):
        changed_tree(git, names, {"a": (PLAIN, names)})
