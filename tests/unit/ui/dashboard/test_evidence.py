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


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=30,
)


@given(document=st.dictionaries(st.text(), _json))
def test_whatever_stands_in_it_is_lines(document: dict[str, object]) -> None:
    assert all(isinstance(line, str) for line in evidence_lines(document))
