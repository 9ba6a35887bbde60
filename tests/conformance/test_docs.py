from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
ROOMS = ("supervisor", "workers", "policies", "tests", "bench", "contrib", "docs", ".types", ".ci")
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_PATH = re.compile(r"^[\w.*-]+(/[\w.*-]+)*/?$")
_SUFFIXES = (".py", ".md", ".service", ".sh", ".typed")
# A module that the code map names by its file alone stands in one of these.
_MODULE_ROOMS = sorted(
    {
        str(module.parent.relative_to(CHECKOUT))
        for room in ("policies", "workers", "supervisor")
        for module in (CHECKOUT / room).rglob("*.py")
        if module.name != "__init__.py"
    }
)
# Named as what a user or an agent has, not as a file of ours.
_NOT_OURS = {
    *("user-stories.md", "prompt.md", "review.md", "agent.sh", "./agent.sh"),
    *("AGENTS.md", "CLAUDE.md", "progress.md", "prd.md"),
}


def documents() -> list[Path]:
    named = [CHECKOUT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md")]
    return [*(path for path in named if path.exists()), *sorted((CHECKOUT / "docs").glob("*.md"))]


def prose_of(path: Path) -> str:
    return _FENCE.sub("", path.read_text(encoding="utf-8"))


def repository_paths(text: str) -> Iterator[str]:
    """The code spans that look like a path of this repository."""
    for span in _SPAN.findall(text):
        name = span.partition("::")[0]
        if not _PATH.match(name) or name in _NOT_OURS or "*" in name:
            continue
        first = name.partition("/")[0]
        if ("/" in name and first in ROOMS) or ("/" not in name and name.endswith(_SUFFIXES)):
            yield name


def stands(name: str) -> bool:
    places = [CHECKOUT / name]
    if "/" not in name.rstrip("/") or not name.startswith(ROOMS):
        places += [CHECKOUT / room / name for room in _MODULE_ROOMS]
    return any(place.exists() for place in places)


@pytest.mark.parametrize("document", documents(), ids=lambda path: str(path.relative_to(CHECKOUT)))
def test_a_document_names_only_files_that_exist(document: Path) -> None:
    missing = [name for name in repository_paths(prose_of(document)) if not stands(name)]
    assert missing == []


@pytest.mark.parametrize("document", documents(), ids=lambda path: str(path.relative_to(CHECKOUT)))
def test_a_document_links_only_to_what_exists(document: Path) -> None:
    targets = [
        target.partition("#")[0]
        for target in _LINK.findall(prose_of(document))
        if "://" not in target and not target.startswith(("#", "mailto:"))
    ]
    missing = [target for target in targets if not (document.parent / target).exists()]
    assert missing == []


def test_the_documents_are_all_there() -> None:
    names = {path.name for path in documents()}
    assert {"README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"} <= names


def test_the_code_map_names_every_room() -> None:
    text = (CHECKOUT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    assert [room for room in _MODULE_ROOMS if room.rpartition("/")[2] + "/" not in text] == []


# --- the invariants -----------------------------------------------------------------------------


def invariants() -> list[tuple[str, str]]:
    """The rows of the table of invariants: what holds, and what holds it."""
    text = (CHECKOUT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    _, _, section = text.partition("## Invariants")
    rows = re.findall(r"^\|(.+)\|([^|]+)\|\s*$", section.partition("\n## ")[0], re.MULTILINE)
    return [(what.strip(), test.strip()) for what, test in rows[2:]]


def names_of_tests(path: Path) -> set[str]:
    tree = ast.parse(path.read_bytes())
    return {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name.lower().startswith("test")
    }


def test_each_invariant_names_a_test_that_exists() -> None:
    files = {
        path.relative_to(CHECKOUT / "tests").as_posix(): path
        for path in (CHECKOUT / "tests").rglob("test_*.py")
    }
    unheld = []
    for what, cell in invariants():
        spans = _SPAN.findall(cell)
        if not spans:
            unheld.append(f"{what}: names no test")
        for span in spans:
            place, _, name = span.partition("::")
            if not any(
                _is_held(span, place, name, relative, path) for relative, path in files.items()
            ):
                unheld.append(f"{what}: {span} does not exist")
    assert unheld == []


def _is_held(span: str, place: str, name: str, relative: str, path: Path) -> bool:
    """Say whether a span means this file, a folder above it, or a test in it."""
    if span.startswith("test_") and "." not in span and "/" not in span:
        return span in names_of_tests(path)
    inside = place.removeprefix("tests/")
    is_meant = (
        relative == inside
        or relative.endswith(f"/{inside}")
        or (inside.endswith("/") and relative.startswith(inside))
    )
    return is_meant and (not name or name in names_of_tests(path))
