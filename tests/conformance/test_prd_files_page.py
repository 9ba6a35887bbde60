"""The page about PRD files says what the readers do, and nothing else."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from pathlib import Path

from prd_supervise.supervisor.prd.documents.markdown.labels import key_of
from prd_supervise.supervisor.prd.forms.aliases import PRD_NAMES, STORY_NAMES

CHECKOUT = Path(__file__).resolve().parents[2]
PAGE = (CHECKOUT / "docs" / "prd-files.md").read_text(encoding="utf-8")


def table(heading: str) -> dict[str, str]:
    """The first table below a heading: its second column by its first one."""
    section = re.split(r"^#+ ", PAGE.split(f"\n{heading}\n")[1], flags=re.MULTILINE)[0]
    rows = re.findall(r"^\| (.+?) \| (.+?) \|", section, re.MULTILINE)
    return dict(rows[1:])


def names_on_the_page(heading: str) -> dict[str, list[str]]:
    return {subject: re.findall(r"`([^`]+)`", cell) for subject, cell in table(heading).items()}


def names_in_the_code(names: Mapping[str, tuple[str, ...]]) -> dict[str, list[str]]:
    return {subject: list(dict.fromkeys(each)) for subject, each in names.items()}


def test_the_page_has_the_names_of_the_code() -> None:
    assert names_on_the_page("### A PRD's members") == names_in_the_code(PRD_NAMES)
    assert names_on_the_page("### A story's members") == names_in_the_code(STORY_NAMES)


def test_the_labels_on_the_page_are_read_as_what_stands_beside_them() -> None:
    wrong = [
        (label, keys)
        for keys, cell in table("## Markdown").items()
        for key, labels in zip(_keys(keys), cell.partition(":")[0].split(";"), strict=True)
        for label in labels.split(",")
        if key_of(label) != key
    ]
    assert wrong == []


def _keys(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def test_the_page_has_every_code_of_check_with_its_severity() -> None:
    told = {subject.strip("`"): cell for subject, cell in table("## `check`").items()}
    del told["(none)"]
    of_settings = ("agent", "similarity", "worktrees", "uncommitted", "landing")
    of_prds = codes_in(CHECKOUT / "supervisor" / "prd" / "check")
    assert told == of_prds | dict.fromkeys(of_settings, "warning")


def codes_in(folder: Path) -> dict[str, str]:
    """The codes of all remarks that the modules make, with the severity that each has first."""
    found: dict[str, str] = {}
    for module in folder.glob("*.py"):
        for node in ast.walk(ast.parse(module.read_bytes())):
            if not isinstance(node, ast.Call) or ast.unparse(node.func) != "Remark":
                continue
            said = {keyword.arg: keyword.value for keyword in node.keywords}
            severity = ast.unparse(said["severity"]) if "severity" in said else "Severity.WARNING"
            # Of a choice the last one is what holds where nothing softens it.
            word = severity.rpartition("Severity.")[2].lower()
            found[ast.literal_eval(said["code"])] = word
    return found
