from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
FLOORS = ("policies", "workers", "supervisor")
FILE_LINES_MAX = 300
FUNCTION_LINES_MAX = 70

# Where a library may be imported: a folder, or a file. A library that is not here may be anywhere
# that the contracts in pyproject.toml allow.
HOMES = {
    "psutil": ("supervisor/shell", "workers/process/portable_table.py"),
    "git": ("workers/git",),
    "gitdb": ("workers/git",),
    "blessed": ("supervisor/ui/dashboard/terminal.py",),
    "portalocker": ("supervisor/shell/storage/locks.py", "workers/git"),
    "setproctitle": ("workers/process/entry.py",),
    "click": ("supervisor/ui/cli",),
    "difflib": ("policies/nearest.py", "workers/merging/hunks.py"),
    "tenacity": ("policies", "workers/git", "workers/notify"),  # backoff delays, and retries of I/O
    "pydantic": ("supervisor",),
    "inotify_simple": ("supervisor/shell/folder_watch.py",),
    "numpy": ("supervisor/prd/graph/minilm.py",),
    "yaml": ("supervisor/prd/documents",),
    "ahocorasick_rs": ("workers/secrecy/redaction.py",),
    "pathspec": ("workers/secrecy/names.py",),
    "pyflakes": ("workers/merging/linting.py",),
    "tree_sitter": ("workers/syntax",),
    "tree_sitter_python": ("workers/syntax",),
    "tree_sitter_rust": ("workers/syntax",),
    "tree_sitter_typescript": ("workers/syntax",),
    "tree_sitter_javascript": ("workers/syntax",),
}


def modules() -> list[Path]:
    found = [path for floor in FLOORS for path in sorted((CHECKOUT / floor).rglob("*.py"))]
    return [CHECKOUT / "__init__.py", CHECKOUT / "__main__.py", *found]


def shown(path: Path) -> str:
    return path.relative_to(CHECKOUT).as_posix()


def imported(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Every import of a library, with its line; ours are relative."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module, node.lineno


@pytest.fixture(scope="module")
def trees() -> dict[str, ast.Module]:
    return {shown(path): ast.parse(path.read_bytes()) for path in modules()}


def test_the_contracts_of_the_floors_hold(tmp_path: Path) -> None:
    command = Path(sys.executable).with_name("lint-imports")
    argv = [
        str(command),
        "--config",
        str(CHECKOUT / "pyproject.toml"),
        "--cache-dir",
        str(tmp_path),
    ]
    done = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())
    contracts = project["tool"]["importlinter"]["contracts"]
    assert f"Contracts: {len(contracts)} kept, 0 broken." in done.stdout


def test_a_package_s_init_holds_only_a_docstring(trees: dict[str, ast.Module]) -> None:
    packages = {path: tree for path, tree in trees.items() if path.endswith("__init__.py")}
    assert len(packages) > 5
    assert [
        path
        for path, tree in packages.items()
        if len(tree.body) != 1 or not ast.get_docstring(tree)
    ] == []


def test_every_module_opens_with_a_sentence(trees: dict[str, ast.Module]) -> None:
    first = {
        path: (ast.get_docstring(tree) or "").partition("\n\n")[0] for path, tree in trees.items()
    }
    assert {path: text for path, text in first.items() if not text.endswith((".", ":"))} == {}


def test_no_file_is_longer_than_can_be_read() -> None:
    lengths = {shown(path): len(path.read_text().splitlines()) for path in modules()}
    assert {path: count for path, count in lengths.items() if count > FILE_LINES_MAX} == {}


def test_no_function_is_longer_than_a_screen(trees: dict[str, ast.Module]) -> None:
    too_long = [
        f"{path}:{node.lineno}: {node.name}"
        for path, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_LINES_MAX
    ]
    assert too_long == []


def test_every_library_stays_in_its_home(trees: dict[str, ast.Module]) -> None:
    strays = []
    seen = set()
    for path, tree in trees.items():
        for name, line in imported(tree):
            library = name.partition(".")[0]
            homes = HOMES.get(library)
            seen.add(library)
            if homes and not any(path == home or path.startswith(f"{home}/") for home in homes):
                strays.append(f"{path}:{line}: {library} belongs into {' or '.join(homes)}")
    assert strays == []
    assert {"psutil", "git", "click", "portalocker", "setproctitle"} <= seen


BANNED = {
    "the product imports itself relatively": ("prd_supervise", *FLOORS),
    # A signal mask, PDEATHSIG and fork each mean a thread; one loop a process has none.
    "there are no threads in the tree": ("threading", "_thread", "asyncio", "concurrent"),
    "nothing is pickled by ourselves": ("pickle", "shelve", "marshal"),
}


@pytest.mark.parametrize("banned", BANNED.values(), ids=BANNED.keys())
def test_nobody_imports_what_the_rules_ban(
    trees: dict[str, ast.Module], banned: tuple[str, ...]
) -> None:
    assert [
        f"{path}:{line}: {name}"
        for path, tree in trees.items()
        for name, line in imported(tree)
        if name.partition(".")[0] in banned
    ] == []


def test_a_clone_may_have_any_name(tmp_path: Path) -> None:
    """The root is the package, so its folder is linted as one, whatever it is called."""
    clone = tmp_path / "prd-supervise 2"
    clone.mkdir()
    for name in ("__init__.py", "__main__.py", "pyproject.toml"):
        (clone / name).write_bytes((CHECKOUT / name).read_bytes())
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", "."]
    done = subprocess.run(command, cwd=clone, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
