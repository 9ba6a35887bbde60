from __future__ import annotations

from pathlib import Path

import pytest

from prd_supervise.supervisor.prd.members.commands import looks_runnable
from tests.support.prd_files import plan_of, remarks_of

RUNNABLE = [
    "npm test",
    "npm run build",
    "npx tsc --noEmit",
    "cargo clippy --all-targets -- -D warnings",
    "CGO_ENABLED=0 go build -o /dev/null ./cmd/x && CGO_ENABLED=0 go test ./...",
    "pytest",
    "python -m pytest tests/unit -q",
    "./gradlew clean build",
    "scripts/check.sh all",
    "make",
    "make check",
    "test -f README.md && test -f SETUP.md",
    "grep -q 'class that is a Product' src/models.py",
    "! grep -r TODO src",
    "go vet ./...",
    "(cd web && npm ci)",
]
PROSE = [
    "",
    "Typecheck passes",
    "All tests pass",
    "typecheck",
    "npm test passes",
    "npm run build completes with no errors",
    "make sure that all is well",
    "make it work",
    "go through the list",
    "Test that the cart is empty",
    "test everything",
    "find bugs",
    "just do it",
    "Run npm test",
    "Verify in browser using the dev skill",
    "next steps",
    "client/server tests are green",
    "cargo test.",
]


@pytest.mark.parametrize("text", RUNNABLE)
def test_a_command_is_known_as_one(text: str) -> None:
    assert looks_runnable(text)


@pytest.mark.parametrize("text", PROSE)
def test_a_sentence_is_no_command(text: str) -> None:
    assert not looks_runnable(text)


STORIES = [{"id": "A", "title": "a"}]


@pytest.mark.parametrize(
    ("keys", "verify"),
    [
        ({"qualityGates": ["npm test", "npm run lint"]}, ("npm test", "npm run lint")),
        ({"qualityGates": {"typecheck": "npx tsc", "test": "npm test"}}, ("npx tsc", "npm test")),
        ({"gates": [{"name": "lint", "command": "ruff check ."}]}, ("ruff check .",)),
        ({"quality_commands": {"test": {"command": "make test"}}}, ("make test",)),
        ({"verifyCommand": "frobnicate --all"}, ("frobnicate --all",)),
        ({"qualityGates": ["`npm test`"]}, ("npm test",)),
        ({"qualityGates": ["frobnicate --all"]}, None),
        ({"qualityGates": ["All tests pass"]}, None),
        ({"verify": ["Say what you like"]}, ("Say what you like",)),
        ({"verify": "make one", "qualityGates": ["npm test"]}, ("make one",)),
        ({"qualityGates": {"enabled": True}}, None),
    ],
)
def test_what_verifies_a_prd(
    tmp_path: Path, keys: dict[str, object], verify: tuple[str, ...] | None
) -> None:
    assert plan_of(tmp_path, {"userStories": STORIES, **keys}).verify == verify


def test_a_gate_that_is_a_sentence_is_told_to_the_agent_and_to_the_person(tmp_path: Path) -> None:
    document = {"description": "d", "userStories": STORIES, "qualityGates": ["All tests pass"]}
    assert plan_of(tmp_path, document).description == (
        "d\n\nTo hold at the end of every story:\n- All tests pass"
    )
    (told,) = remarks_of(tmp_path, document)
    assert told.startswith("hint: qualityGates has 'All tests pass', which is not taken for a")


def test_a_story_s_command_of_another_tool_is_run_if_it_is_one(tmp_path: Path) -> None:
    stories = [
        {"id": "A", "title": "a", "verification_cmd": "test -f a.txt"},
        {"id": "B", "title": "b", "testCommand": "Open the browser and look."},
    ]
    first, second = plan_of(tmp_path, {"userStories": stories}).stories
    assert first.verify == ("test -f a.txt",)
    assert second.verify is None
    assert "Open the browser and look." in second.description
