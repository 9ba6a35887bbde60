"""Every event that the code can tell of stands in one table, which the docs have too."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping

from prd_supervise.policies.accounts.parking import Standing
from prd_supervise.supervisor.core.root.records import PrdState
from prd_supervise.supervisor.ui.looks.event_kinds import BAD, GOOD, GROUPS, KINDS
from tests.conformance.test_floors import CHECKOUT, modules

PAGE = CHECKOUT / "docs" / "events.md"
_NAME = re.compile(r"[a-z]+(?:_[a-z]+)*")
_TELLERS = {"tell", "tell_once", "note", "_tell", "announce", "_limit", "_end"}
_RECORDED = re.compile(r"/(?:recorded\w*|facts|common|overlaps)\.py$")  # give name and text
_ENUMS = {"f'agent_{gate.standing.value}'": Standing, "f'prd_{state.value}'": PrdState}
_NOT_TOLD = {"agent_open", "prd_queued", "prd_active"}  # states that nobody announces


def told() -> Iterator[tuple[str, str]]:
    """Each name of an event that stands in the code, with its place."""
    for path in modules():
        text = path.read_text()
        tree = ast.parse(text)
        constants = {
            target.id: node.value.value
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            for value in _names_at(node, str(path)):
                for name in _values(value, constants):
                    if _NAME.fullmatch(name):
                        yield name, f"{path.relative_to(CHECKOUT)}:{value.lineno}"


def _names_at(node: ast.AST, path: str) -> Iterator[ast.expr]:
    """The expressions that are the name of an event."""
    if isinstance(node, ast.Call):
        called = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        called = called or (node.func.id if isinstance(node.func, ast.Name) else "")
        if called != "Notice":  # a message to people about events
            yield from (each.value for each in node.keywords if each.arg == "event")
        # A command about services tells people of its steps, which are no events.
        if called in _TELLERS and "/workers/" not in path and "/ui/service/" not in path:
            # Its text stands behind it, and is a sentence.
            yield from node.args[: 3 if called in {"_limit", "note", "_tell"} else 2]
    elif isinstance(node, ast.Return | ast.Assign) and _RECORDED.search(path):
        if isinstance(node.value, ast.Tuple) and len(node.value.elts) >= 2:
            yield node.value.elts[0]
    elif isinstance(node, ast.arguments) and any(each.arg == "event" for each in node.kwonlyargs):
        yield from (each for each in node.kw_defaults if each is not None)


def _values(value: ast.expr, constants: Mapping[str, object]) -> Iterator[str]:
    match value:
        case ast.Constant(value=str(name)):
            yield name
        case ast.Name(id=name) if isinstance(constants.get(name), str):
            yield str(constants[name])
        case ast.IfExp(body=body, orelse=orelse):
            yield from _values(body, constants)
            yield from _values(orelse, constants)
        case ast.JoinedStr() if (enum := _ENUMS.get(ast.unparse(value))) is not None:
            prefix = ast.unparse(value)[2:].partition("{")[0]
            yield from (prefix + each.value for each in enum)


def test_the_table_has_every_event_that_the_code_tells_of() -> None:
    found = dict(told())
    missing = {name: place for name, place in found.items() if name not in KINDS}
    assert {name: place for name, place in missing.items() if name not in _NOT_TOLD} == {}
    assert {"merged", "agent_closed", "prd_completed", "git_mended", "died", "usage"} <= set(found)
    assert len(found) > 90


def test_no_event_stands_in_two_groups_and_what_is_good_is_not_bad() -> None:
    assert sum(map(len, GROUPS.values())) == len(KINDS)
    assert KINDS.keys() >= GOOD | BAD
    assert not GOOD & BAD


def test_the_page_of_events_has_the_same_table() -> None:
    types = PAGE.read_text().partition("## Types")[2]
    rows = re.findall(r"^\| `([a-z_]+)`(!?) \| (.+) \|$", types, re.MULTILINE)
    expected = [(name, "!" if name in BAD else "", says) for name, says in KINDS.items()]
    assert rows == expected
