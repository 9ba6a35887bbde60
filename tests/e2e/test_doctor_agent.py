from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.e2e_repo import Repo
from tests.support.tree import Tree

BEGIN = '{"type":"init","session_id":"s-1","model":"m-1"}'
SAID = '{"type":"message","role":"assistant","content":"Ready."}'
END = '{"type":"result","status":"success","stats":{"total_tokens":12,"input_tokens":7}}'


def error(**fields: object) -> str:
    told = {"error": {"message": "no", **fields}}
    message = f"[API Error: {json.dumps(told)}]"
    return json.dumps({"type": "result", "status": "error", "error": {"message": message}})


@pytest.fixture
def said(repo: Repo, tree: Tree, tmp_path: Path) -> Any:  # noqa: ANN401  a function
    """Put a program in the place of an agent; give what doctor says of it, by subject."""
    repo.commit()
    programs = tmp_path / "programs"
    programs.mkdir()
    tree.env["PATH"] = f"{programs}:{tree.env['PATH']}"

    def look(*steps: str, code: int, name: str = "gemini") -> dict[str, dict[str, str]]:
        lines = ['[ "$1" = --version ] && { echo 9.8.7; exit 0; }', "cat > /dev/null", *steps]
        (programs / name).write_text("#!/bin/sh\n" + "\n".join(lines) + "\n")
        (programs / name).chmod(0o755)
        before = set(Path(tree.env["TMPDIR"]).iterdir())
        done = tree.run("doctor", "--agent", name, "--json", code=code)
        assert set(Path(tree.env["TMPDIR"]).iterdir()) == before
        assert not tree.everybody()
        return {line["subject"]: line for line in json.loads(done.out)["lines"]}

    return look


def says(*lines: str) -> str:
    return "cat <<'EOF'\n" + "\n".join(lines) + "\nEOF"


def test_an_agent_that_answers_is_told_with_version_model_and_tokens(tree: Tree, said: Any) -> None:  # noqa: ANN401
    tree.env["GEMINI_API_KEY"] = "a-key-that-nobody-sees"

    found = said(says(BEGIN, SAID, END), code=0)

    assert {line["level"] for line in found.values()} == {"ok"}
    assert found["version"]["text"] == "9.8.7"
    assert found["answer"]["text"].startswith("READY, in ")
    assert found["used"]["text"] == "m-1: 12 tokens"
    assert "GEMINI_API_KEY" in found["login"]["text"]
    assert "a-key-that" not in str(found)


def test_who_changes_files_or_leaves_processes_is_told_and_nothing_is_left(said: Any) -> None:  # noqa: ANN401
    found = said("echo x > changed.txt", "sleep 600 &", says(BEGIN, SAID, END), code=0)

    assert found["login"]["level"] == "warn"
    assert "GEMINI_API_KEY" in found["login"]["advice"]
    assert found["changes"]["text"] == "it changed changed.txt"
    assert found["processes"]["level"] == "warn"


@pytest.mark.parametrize(
    ("told", "exit_code", "what", "advice"),
    [
        (error(code=401), 145, "auth: 401 no", "GEMINI_API_KEY"),
        (error(code=503), 247, "transient: 503 no", "try again later"),
        (error(code=429, details=[{"retryDelay": "90s"}]), 173, "rate limited: 429", "is lifted"),
        (error(code=404), 148, "permanent: 404 no", "model ="),
        ("", 41, "auth", "run `gemini` once"),
        ("", 0, "incomplete", "docs/agents.md"),
    ],
)
def test_what_is_wrong_is_told_with_how_to_mend_it(
    said: Any,  # noqa: ANN401
    told: str,
    exit_code: int,
    what: str,
    advice: str,
) -> None:
    found = said(says(BEGIN, told), f"exit {exit_code}", code=1)

    assert found["answer"]["level"] == "fail"
    assert found["answer"]["text"].startswith(what)
    assert advice in found["answer"]["advice"]


def test_one_that_never_answers_is_ended_at_the_timeout_of_the_configuration(
    repo: Repo,
    said: Any,  # noqa: ANN401
) -> None:
    repo.configure(agent={"timeout_s": 0.5})
    repo.commit()

    found = said("trap '' TERM", "sleep 600", code=1)

    assert found["answer"]["text"] == "timed out: ran longer than 0.5 s"


def test_an_agent_that_is_not_there_is_told_with_how_to_get_it(repo: Repo, tree: Tree) -> None:
    repo.commit()
    tree.env["PATH"] = "/usr/bin:/bin"

    done = tree.run("doctor", "--agent", "qwen", code=1)

    assert "there is no program qwen" in done.out
    assert "npm install -g @qwen-code/qwen-code" in done.out


def test_an_agent_that_nobody_knows_is_wrong_usage(repo: Repo, tree: Tree) -> None:
    repo.commit()
    done = tree.run("doctor", "--agent", "gemni", code=2)
    assert "did you mean 'gemini'?" in done.err


def test_the_replay_agent_has_nobody_to_be_reached(repo: Repo, tree: Tree) -> None:
    repo.commit()
    assert "nobody to be reached" in tree.run("doctor", "--agent", "replay", code=0).out
