from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.e2e_repo import Repo, story
from tests.support.tree import Tree

# It works by what it is told alone: the prompt on its standard input, and the environment.
AGENT = """#!/bin/sh
set -eu
test "$(pwd -P)" = "$PRD_SUPERVISE_WORKTREE"
cat > "prompt-$PRD_SUPERVISE_STORY_ID.md"
cmp "prompt-$PRD_SUPERVISE_STORY_ID.md" "$PRD_SUPERVISE_PROMPT_FILE"
git rev-parse HEAD > head.txt
echo "$PRD_SUPERVISE_BASE" | cmp - head.txt
rm head.txt
echo "$PRD_SUPERVISE_PRD_ID|$PRD_SUPERVISE_STORY_TITLE|$PRD_SUPERVISE_ATTEMPT" > told.txt
env | sort > "${PRD_SUPERVISE_PROMPT_FILE%/*}/env.txt"
mkdir "$TMPDIR/sub" && chmod 0 "$TMPDIR/sub"
echo "worked on $PRD_SUPERVISE_STORY_ID"
"""


def with_agent(repo: Repo, *, is_committed: bool, agent: str = AGENT) -> None:
    repo.configure(agent={"use": "command", "command": ["./agent.sh"], "env": ["NAMED"]})
    repo.prd(
        story(
            "US-1",
            title='it\'s "quoted" $HOME',
            replay=None,
            description="Say hello.",
            verify=["test -s prompt-US-1.md", "test -s told.txt"],
        )
    )
    if is_committed:
        repo.put("agent.sh", agent, mode=0o755)
    repo.commit()
    repo.put("agent.sh", agent, mode=0o755)


@pytest.mark.parametrize("is_committed", [True, False])
def test_an_agent_script_works_by_prompt_and_environment(
    repo: Repo, tree: Tree, *, is_committed: bool
) -> None:
    with_agent(repo, is_committed=is_committed)

    tree.begin().wait_exit(0)

    told = repo.show("feature/ALPHA", "told.txt")
    assert told == 'ALPHA|it\'s "quoted" $HOME|1\n'
    prompt = repo.show("feature/ALPHA", "prompt-US-1.md")
    for words in ("Say hello.", "US-1.txt is there", 'it\'s "quoted" $HOME'):
        assert words in prompt
    assert "worked on US-1" in tree.said("US-1")
    assert repo.has("feature/ALPHA", "agent.sh") == is_committed


def test_an_agent_sees_only_what_it_may_see(repo: Repo, tree: Tree) -> None:
    with_agent(repo, is_committed=True)
    secret = {"NAMED": "by the configuration", "SECRET": "not named", "GIT_DIR": "/nowhere"}

    # GIT_DIR leads a git that is started from a hook to another repository.
    tree.run("start", env=secret | {"GIT_DIR": str(repo.path / ".git")}, code=0)

    lines = (tree.attempt("US-1", 1) / "env.txt").read_text().splitlines()
    seen = dict(line.partition("=")[::2] for line in lines)
    assert seen["NAMED"] == "by the configuration"
    assert {"PATH", "HOME", "PRD_SUPERVISE_RUN"} <= seen.keys()
    assert not {"SECRET", "GIT_DIR", "SPT_NOENV", "NOTIFY_SOCKET"} & seen.keys()
    own = Path(seen["TMPDIR"])
    assert len(str(own)) < 60, "sockets are made in it"
    assert own != Path(tree.env["TMPDIR"])
    assert not own.exists(), "it goes with the run, whatever may not be written in it"


def test_an_agent_that_vanishes_after_the_start_fails_its_story_with_that_reason(
    repo: Repo, tree: Tree
) -> None:
    vanishing = '#!/bin/sh\nrm "$0"\necho one > told.txt\nexit 1\n'
    with_agent(repo, is_committed=False, agent=vanishing)
    repo.seal()
    kept = (repo.path / "agent.sh").read_text()

    tree.begin().wait_exit(1)

    reasons = [event["text"] for event in tree.events("attempt_failed")]
    assert "exited with 1" in reasons[0]
    assert "no such file" in reasons[1]
    repo.put("agent.sh", kept, mode=0o755)


def test_an_agent_that_reads_nothing_and_prints_much_is_no_problem(repo: Repo, tree: Tree) -> None:
    loud = "#!/bin/sh\nhead -c 3000000 /dev/zero | tr '\\0' x\necho t > told.txt\n"
    with_agent(repo, is_committed=True, agent=loud)
    repo.prd(story("US-1", replay=None, description="word " * 100_000, verify=["test -s told.txt"]))
    repo.seal()

    tree.begin().wait_exit(0)

    assert len(tree.said("US-1")) == 3_000_000


def test_what_an_agent_printed_last_is_in_its_failure_and_in_the_next_prompt(
    repo: Repo, tree: Tree
) -> None:
    agent = """#!/bin/sh
if [ "$PRD_SUPERVISE_ATTEMPT" = 1 ]; then echo 'E: no compiler'; echo bye; exit 3; fi
echo 'NO CHANGE NEEDED: README says it already'
"""
    repo.configure(agent={"use": "command", "command": ["./agent.sh"]}, restart={"max_attempts": 2})
    repo.put("agent.sh", agent, mode=0o755)
    repo.prd(story("US-1", replay=None))
    repo.commit()

    tree.begin().wait_exit(1)

    failed, claimed = (event["failure"] for event in tree.events("attempt_failed"))
    assert (failed["type"], failed["context"]) == ("agent_failed", "E: no compiler\nbye\n")
    assert "E: no compiler" in (tree.attempt("US-1", 2) / "prompt.md").read_text()
    assert claimed["type"] == "no_change"
    assert claimed["message"].endswith("no change is needed: README says it already")
    (given_up,) = tree.events("story_failed")
    assert "red before any work" not in given_up["text"]
