from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from prd_supervise.supervisor.prd.tamper import tampering


def document(*stories: Mapping[str, object], **keys: object) -> str:
    return json.dumps({"userStories": list(stories), **keys})


ONE = {"id": "US-001", "title": "One", "acceptanceCriteria": ["a"], "passes": False}
TWO = {"id": "US-002", "title": "Two", "acceptanceCriteria": ["a", "b"], "verify": "make two"}
BEFORE = document(ONE, TWO, verify=["make test"])


@pytest.mark.parametrize(
    ("after", "lines"),
    [
        (BEFORE, []),
        (json.dumps(json.loads(BEFORE), indent=4), []),
        ("\ufeff" + BEFORE, []),
        (
            document(
                {**ONE, "passes": True, "notes": "n", "status": "done", "x": 1, "title": "1"},
                TWO,
                {"id": "US-003"},
                verify=["make test"],
            ),
            [],
        ),
        (
            document(ONE, {**TWO, "acceptanceCriteria": ["a"]}, verify=["make test"]),
            ["US-002: acceptance criteria were changed"],
        ),
        (
            document(ONE, {**TWO, "acceptanceCriteria": []}, verify=["make test"]),
            ["US-002: acceptance criteria were removed"],
        ),
        (
            document(ONE, {**TWO, "verify": "true"}, verify="true"),
            ["the PRD's verify commands were changed", "US-002: verify commands were changed"],
        ),
        (
            document({**ONE, "noCode": True}, TWO, verify=["make test"]),
            ["US-001: noCode was changed"],
        ),
        (
            document({**ONE, "dependsOn": ["US-002"]}, TWO, verify=["make test"]),
            ["US-001: dependencies were changed"],
        ),
        (document(TWO, verify=["make test"]), ["US-001: the story was removed"]),
        (
            document({**ONE, "id": "US-1\x1b"}, TWO, verify=["make test"]),
            ["US-001: its id was changed to 'US-1\\x1b'"],
        ),
        ("{\n,}", ["the PRD file is no longer readable (line 2)"]),
        ("", ["the PRD file is no longer readable (line 1)"]),
        ("{}", ["the PRD file has no longer a list of stories"]),
        ("[]", ["the PRD file has no longer a list of stories"]),
    ],
)
def test_what_an_agent_may_not_change_is_told(after: str, lines: list[str]) -> None:
    assert list(tampering(BEFORE.encode(), after.encode())) == lines


def test_criteria_as_objects_may_be_ticked_but_not_rewritten() -> None:
    def with_criterion(**keys: object) -> bytes:
        criterion = {"text": "a", "testCommand": "make a", "passes": False, **keys}
        return document({"id": "A", "acceptanceCriteria": [criterion]}).encode()

    before = with_criterion()
    assert tampering(before, with_criterion(passes=True, lastRun="now")) == ()
    assert tampering(before, with_criterion(testCommand="true")) == (
        "A: acceptance criteria were changed",
        "A: verify commands were changed",
    )


@pytest.mark.parametrize("before", ["", "{}"])
def test_what_was_no_prd_before_cannot_be_tampered_with(before: str) -> None:
    assert tampering(before.encode(), BEFORE.encode()) == ()
