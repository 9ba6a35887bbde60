"""Nothing of ours destroys what stands in a worktree unless salvage has said that it is kept."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "workers/git"
# Words of git that throw away what no commit has, as arguments of our calls.
_DESTROYING = (
    {"checkout", "--force"},
    {"clean"},
    {"worktree", "remove"},
    {"worktree", "prune"},
    {"reset", "--hard"},
)
# What may do so without a proof, and why.
ALLOWED = {
    "half_made.py:_remove": "finishes a removal before which salvage ran, or a making",
    "half_made.py:_adopted": "removes an administration without a HEAD",
    "scratch.py:remove": "an object store of ours, with nothing but trial merges in it",
    "submodules.py:follow": "salvage has brought what was done in them into the user's clones",
    "submodules.py:_make": "makes a repository of ours anew, of which there is no HEAD",
    "worktrees.py:forget_unfinished": "drops the notes of a rebase, no file and no commit",
}
# Who else may make the proof; nobody.
MAKERS = ("salvage.py", "strays.py")


def functions() -> Iterator[tuple[str, ast.FunctionDef]]:
    for path in sorted(FOLDER.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                yield f"{path.name}:{node.name}", node


def destroys(function: ast.FunctionDef) -> bool:
    for call in ast.walk(function):
        if isinstance(call, ast.Call):
            words = {each.value for each in call.args if isinstance(each, ast.Constant)}
            if any(destroying <= words for destroying in _DESTROYING):
                return True
            if ast.unparse(call.func).endswith("rmtree"):
                return True
    return False


def demands_proof(function: ast.FunctionDef) -> bool:
    arguments = [*function.args.args, *function.args.kwonlyargs]
    return any(
        each.annotation is not None and ast.unparse(each.annotation) == "Salvaged"
        for each in arguments
    )


def test_whatever_destroys_demands_a_proof() -> None:
    found = {name: demands_proof(each) for name, each in functions() if destroys(each)}
    assert {name for name, has_proof in found.items() if not has_proof} == set(ALLOWED)
    assert any(found.values())


def test_only_salvage_makes_the_proof() -> None:
    makers = {
        name.partition(":")[0]
        for name, function in functions()
        for call in ast.walk(function)
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "Salvaged"
    }
    assert makers == set(MAKERS)
