from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from prd_supervise.supervisor.ui.dashboard.evidence import evidence_lines


def test_what_stands_in_a_result_is_told_in_lines() -> None:
    document = {
        "prd_id": "ALPHA",
        "attempt": 2,
        "result": "failed",
        "commit": "",
        "files": ["a.py", "b.py"],
        "story_run": {"is_green": False, "output": "one\ntwo"},
        "merged_run": None,
        "runs": [{"command": "make test", "exit_code": 2}],
    }
    assert evidence_lines(document) == [
        "result: failed",
        "files:",
        "  - a.py",
        "  - b.py",
        "story run:",
        "  is green: no",
        "  output:",
        "    one",
        "    two",
        "runs:",
        "  - command: make test",
        "    exit code: 2",
    ]


def test_what_is_nested_deeper_than_people_read_is_left_out() -> None:
    """A file that can just be read can be too deep for Python to print."""
    deep: dict[str, object] = {}
    for _ in range(100_000):
        deep = {"a": deep or 1}
    listed: list[object] = []
    for _ in range(100_000):
        listed = [listed]

    lines = evidence_lines({"a": deep, "b": listed})

    assert [line.strip() for line in lines] == ["a:"] * 6 + ["a: ...", "b:", "- ..."]


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@given(document=st.dictionaries(st.text(max_size=5), _json, max_size=3))
def test_whatever_stands_in_it_is_lines(document: dict[str, object]) -> None:
    assert all(isinstance(line, str) for line in evidence_lines(document))
