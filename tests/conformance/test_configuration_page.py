"""docs/configuration.md says every setting; its example is a file that is accepted."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import get_args, get_origin

from pydantic import BaseModel

from prd_supervise.supervisor.prd.prompt.default import PLACEHOLDERS
from prd_supervise.supervisor.ui.settings.config import Settings

PAGE = Path(__file__).resolve().parents[2] / "docs" / "configuration.md"
# What the example has as values of somebody's, or as a comment on another table's.
_SAID_ELSEWHERE = {"intensity", "period_s", "backoff_base_s", "backoff_cap_s"}


def example() -> str:
    return PAGE.read_text(encoding="utf-8").partition("```toml\n")[2].partition("```")[0]


def settings(model: type[BaseModel], table: str = "") -> Iterator[tuple[str, str, object]]:
    """Table, key and default of every setting; `agents.*` is a table of any name."""
    for name, info in model.model_fields.items():
        default = info.get_default()
        named = get_args(info.annotation)[1:] if get_origin(info.annotation) is dict else ()
        if isinstance(default, BaseModel):
            yield from settings(type(default), f"{table}.{name}".lstrip("."))
        elif table == "" and named:
            yield from settings(named[0], f"{name}.*")
        else:
            yield table, info.alias or name, default


def test_the_example_names_every_setting_in_its_table() -> None:
    text = re.sub(r"^# (?=\w+ = )", "", example(), flags=re.MULTILINE)
    keys: set[tuple[str, str]] = set()
    table = ""
    for line in text.splitlines():
        if heading := re.match(r"\[([\w.]+)\]", line):
            table = re.sub(r"^(agents|roles)\.\w+$", r"\1.*", heading[1])
        elif key := re.match(r"(\w+) = ", line):
            keys.add((table, key[1]))
    for where, name, _ in settings(Settings):
        known = (where, name) in keys or (where == "restart.prds" and name in _SAID_ELSEWHERE)
        assert known, f"[{where}] {name} is not in {PAGE.name}"


def test_the_example_is_accepted_and_its_merge_table_has_the_defaults() -> None:
    said = tomllib.loads(example())
    Settings.model_validate(said)
    defaults = {name: default for table, name, default in settings(Settings) if table == "merge"}
    for name, value in said["merge"].items():
        assert value == defaults[name], name


def test_the_page_has_every_placeholder_of_a_prompt() -> None:
    rows = re.findall(r"^\| `\$(\w+)` \| (.+) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert dict(rows) == dict(PLACEHOLDERS)
