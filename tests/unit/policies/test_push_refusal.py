from __future__ import annotations

import pytest

from prd_supervise.policies.merging.push_refusal import why_refused

SHA = "d0989675850aebf0e68e5b97cb3073c7030fc224"
HOOK = f"!\t{SHA}:refs/heads/dev\t[remote rejected] (pre-receive hook declined)\n"
TO = "To ../remote.git\n"
END = "error: failed to push some refs to '../remote.git'\n"


@pytest.mark.parametrize(
    ("output", "why"),
    [
        (
            f"remote: no pushes on Fridays        \n{END}{TO}{HOOK}Done\n",
            "no pushes on Fridays (pre-receive hook declined)",
        ),
        (
            f"{END}{TO}!\t{SHA}:refs/heads/dev\t[rejected] (stale info)\nDone\n",
            "it does not stand there as it was fetched last (stale info); fetch, merge and push it",
        ),
        (
            f"!\t{SHA}:refs/heads/dev\t[remote rejected] (protected branch hook declined)\n{END}",
            "protected branch hook declined",
        ),
        (
            "remote: \nremote: Repository not found.\nfatal: repository 'x' not found\n",
            "Repository not found. (says origin)",
        ),
        (
            "ssh: Could not resolve hostname x\nfatal: Could not read from remote repository.\n",
            "fatal: Could not read from remote repository.",
        ),
        (END, END.strip()),
        ("the tail", "the tail"),
        ("", ""),
    ],
)
def test_a_refusal_is_told_in_the_remote_s_words(output: str, why: str) -> None:
    assert why_refused(output, "origin") == why


def test_a_remote_that_talks_much_is_cut() -> None:
    assert len(why_refused("remote: word\n" * 1000 + "remote: " + "x" * 10_000, "origin")) < 400
