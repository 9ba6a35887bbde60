"""`logs` as a person uses it: on a run at work, after it, in a pipe."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support.e2e_repo import HOLD, Repo, story, write
from tests.support.tree import Tree

CLAUDE = [
    {"type": "system", "subtype": "init", "session_id": "s", "model": "opus", "cwd": "/w"},
    {"type": "assistant", "message": {"content": [{"type": "text", "text": "I look \x1b[2J."}]}},
    {
        "type": "assistant",
        "message": {
            "content": [
                {"type": "tool_use", "id": "t", "name": "Bash", "input": {"command": "make test"}}
            ]
        },
    },
]


def lines_of(shown: str, *, label: str = "agent") -> list[str]:
    """What stands behind the prefixes of these logs."""
    return [line.partition(" | ")[2] for line in shown.splitlines() if f" {label} " in line]


def two_stories(repo: Repo) -> None:
    says = [{"say": json.dumps(line)} for line in CLAUDE]
    repo.prd(
        story(
            "US-1",
            replay=[
                [{"say": "first try"}, {"exit": 1}],
                [*says, HOLD, {"say": "after"}, write("US-1.txt", "x\n")],
            ],
        ),
        story("US-2", {"say": "the other one"}, HOLD, write("US-2.txt", "x\n")),
    )
    repo.configure(restart={"backoff_base_s": 0.01})
    repo.commit()


def test_everything_at_work_is_followed_over_attempts_until_the_run_is_over(
    repo: Repo, tree: Tree
) -> None:
    two_stories(repo)
    nothing = tree.run("logs", code=0)
    assert nothing.out == ""
    assert "nothing is at work; nothing ran here" in nothing.err
    run = tree.begin()
    tree.wait_said("US-2", "the other one")

    everything = tree.begin("logs", "-f")
    one = tree.begin("logs", "-f", "US-1", "--stage", "agent", "--no-prefix")
    everything.wait_line("$ make test")
    tree.go()
    run.wait_exit(0)

    told = everything.wait_exit(0)
    assert "US-2#1 agent   | the other one" in told
    assert lines_of(told)[-1] == "after"
    assert {"US-1#2 verify  | $ test -s US-1.txt", "US-2#1 merged  | $ test -s US-2.txt"} <= {
        line.partition("  (at ")[0] for line in told.splitlines()
    }
    assert one.wait_exit(0).splitlines() == [
        *("first try", "= opus", "I look .", "$ make test", "after"),
    ]


def test_what_is_over_is_shown_by_story_stage_attempt_and_number(repo: Repo, tree: Tree) -> None:
    two_stories(repo)
    tree.go()
    tree.begin().wait_exit(0)

    assert "nothing is at work; `prd-supervise logs PRD` shows" in tree.run("logs", code=0).err
    followed = tree.run("logs", "ALPHA/US-2", "-f", "--stage", "agent", code=0)
    assert followed.out == "US-2#1 agent   | the other one\n"
    both = tree.run("logs", "US-2", "ALPHA/US-1", "--attempt", "1", "--stage", "agent", code=0)
    assert sorted(lines_of(both.out)) == ["first try", "the other one"]
    last = tree.run("logs", "ALPHA", "-n", "1", "--stage", "agent", code=0).out
    assert sorted(lines_of(last)) == ["after", "the other one"]
    assert tree.run("logs", "ALPHA", "--since", "2100-01-01", code=0).out == ""
    coloured = tree.run("logs", "US-2", "--color", "always", "--stage", "agent", code=0).out
    assert coloured == "\x1b[36mUS-2#1 agent   | \x1b[0mthe other one\n"

    log = tree.attempt("US-1", 2) / "agent.log"
    raw = tree.run("logs", "US-1", "--attempt", "2", "--stage", "agent", "--raw", code=0).out
    assert raw == log.read_text(encoding="utf-8")
    assert json.loads(raw.splitlines()[0]) == CLAUDE[0]
    raw = tree.run("logs", "US-1", "--attempt", "2", "--raw", "-n", "1", "--stage", "agent").out
    assert raw == log.read_text(encoding="utf-8").splitlines(keepends=True)[-1]


def test_a_log_of_a_gigabyte_without_a_line_s_end_is_shown_in_little_memory(
    repo: Repo, tree: Tree, tmp_path: Path
) -> None:
    repo.prd(story("US-1", {"say": "small"}, write("US-1.txt", "x\n")))
    repo.commit()
    tree.begin().wait_exit(0)
    log = tree.attempt("US-1") / "agent.log"
    with log.open("ab") as file:
        file.truncate(1 << 30)
        file.seek(0, 2)
        file.write(b"\nlast\n")

    measured = tmp_path / "peak"
    code = (
        "import resource, subprocess, sys; done = subprocess.run(sys.argv[2:], check=True);"
        "peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss;"
        "open(sys.argv[1], 'w').write(str(peak))"
    )
    shown = tree.begin(
        *("logs", "US-1", "--stage", "agent"),
        prefix=("python3", "-c", code, str(measured)),
    ).wait_exit(0)

    assert lines_of(shown)[0] == "small"
    assert "bytes more of that line: --raw shows them" in shown
    assert lines_of(shown)[-1] == "last"
    assert int(measured.read_text()) < 100 << 10  # KiB
