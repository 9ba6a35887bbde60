"""What to type: examples of every command, for its --help and for the man page."""

from __future__ import annotations

PROGRAM = "prd-supervise"
Examples = tuple[tuple[str, str], ...]  # what is typed behind the program's name, what it is for

EXAMPLES: dict[str, Examples] = {
    "": (
        ("init", "settings and an example PRD for this repository"),
        ("doctor", "is everything here that a night needs?"),
        ("start", "run every PRD that is found"),
        ("status", "how far it is, from any other terminal"),
        ("help start", "all about one command"),
    ),
    "demo": (("demo", "three PRDs in half a minute; no key, no network"),),
    "init": (
        ("init", "look at the repository; write settings and a PRD"),
        ("init --dry-run", "show what would be written, and why"),
        ("init prds/active/shop", "the example PRD into this folder"),
        ("init --from notes/old.md", "another tool's PRD in our own form"),
    ),
    "check": (
        ("check", "everything that is found, and the settings"),
        ("check prd.json --strict", "one PRD; a warning is an error"),
        ("check --json", "for an editor or CI"),
    ),
    "plan": (
        ("plan", "batches and the critical path of all PRDs"),
        ("plan shop --tree", "below each story those that wait for it"),
        ("plan --dot | dot -Tsvg > plan.svg", "a picture by Graphviz"),
    ),
    "doctor": (
        ("doctor", "everything, in a second or two"),
        ("doctor --verify", "run the verify commands on the base as well"),
        ("doctor --agent claude", "have the agent say one word"),
        ("doctor --json", "for a script; exit code 1 if something fails"),
    ),
    "notify": (
        ("notify", "what is set"),
        ("notify --test", "one message by each way, and what came of it"),
    ),
    "start": (
        ("start", "every PRD that is found"),
        ("start shop prds/active/blog", "these, by id, file or folder"),
        ("start --agent codex --max-workers 5", "another agent, five stories at once"),
        ("start --detach", "in the background; `status` shows it"),
    ),
    "resume": (
        ("resume", "go on with all that was not finished"),
        ("resume shop --retry", "also with what failed or was skipped"),
        ("resume --watch", "stay, and take PRDs as they come"),
    ),
    "stop": (
        ("stop", "everything, gracefully; all work is kept"),
        ("stop shop", "one PRD; the others go on"),
        ("stop --now", "leave the agents no time"),
    ),
    "hold": (
        ("hold shop", "nothing more of this PRD begins"),
        ("hold shop/US-002", "nor of this story"),
    ),
    "release": (
        ("release shop/US-002", "it goes on"),
        ("release --agent claude", "try an agent again before its limit lifts"),
        ("release --budget shop", "it may spend as much again"),
    ),
    "retry": (
        ("retry shop/US-002", "a new start, its counters at zero"),
        ("retry shop", "all of it that failed or was skipped"),
    ),
    "approve": (
        ("approve shop/US-002", "this story, or its merge"),
        ("approve shop", "the end of a PRD: it may land"),
        ("approve --all", "all that waits here"),
    ),
    "reject": (
        ("reject shop/US-002 'no tests for prices'", "done again, told why"),
        ("reject US-002 'again no tests' --attempt 2", "not if attempt 3 asks by now"),
        ("reject shop 'wrong currency'", "nothing of it lands"),
        ("reject shop -- '-1 is no price'", "-- before what begins with a dash"),
    ),
    "restart": (("restart shop", "its supervisor, and its document read again"),),
    "service": (
        ("service install --linger", "run from boot on, logged in or not"),
        ("service status", "how it stands, and what is wrong"),
        ("service uninstall", "stopped, and taken back"),
    ),
    "service install": (
        ("service install", "for this repository, while you are logged in"),
        ("service install --linger", "from boot on, logged in or not"),
        ("service install --dry-run", "only print the units"),
    ),
    "service uninstall": (("service uninstall -C ~/shop", "of another repository"),),
    "service status": (("service status --json | jq .state", "for a script"),),
    "status": (
        ("status", "all PRDs and stories"),
        ("status shop", "one PRD"),
        ("status --json | jq '.prds[].state'", "for a script"),
    ),
    "dashboard": (
        ("dashboard", "all of it, as it happens; q leaves, the run goes on"),
        ("dashboard -C ~/shop --ascii", "another repository, on an old terminal"),
        ("dashboard | tee night.log", "without a terminal: lines, until the run ends"),
    ),
    "logs": (
        ("logs -f", "all that is at work, until the run is over"),
        ("logs shop/US-003 -n 20", "how its attempts ended"),
        ("logs shop --stage verify", "what its verify commands said"),
        ("logs shop --color always | less -R", "page through, in colour"),
        ("logs US-003 --stage agent --raw > log", "what the agent really said"),
    ),
    "events": (
        ("events -f", "the last ten, and what comes"),
        ("events --failed --since 8h", "what went wrong this night"),
        ("events --type merged,landed", "these types alone"),
        ("events --child shop/US-003", "all that ever happened to a story"),
        ("events --since 22:30 --json | jq .text", "for a script"),
    ),
    "report": (
        ("report", "what came of all PRDs, and what wants you"),
        ("report --since 12h", "of the last night alone"),
        ("report --html -o night.html", "one page, with all evidence"),
        ("report shop --markdown", "for a pull request"),
    ),
    "metrics": (
        ("metrics", "of all time: results, restarts, durations"),
        ("metrics --since 8h", "of the night"),
        ("metrics --since 1d --json", "for programs"),
        ("metrics --prometheus", "as Prometheus reads it"),
    ),
    "clean": (
        ("clean", "what is left, what can go, why the rest stays"),
        ("clean --yes", "remove what can go"),
        ("clean shop --older-than 30d --yes", "and salvage from before that"),
    ),
    "salvage": (
        ("salvage list", "what was kept, the latest first"),
        ("salvage show US-002/1", "what is in it"),
        ("salvage restore US-002/1", "back, as a branch"),
    ),
    "salvage list": (("salvage list shop", "of one PRD, the latest first"),),
    "salvage show": (
        ("salvage show shop/US-002/1", "its commits and statistics"),
        ("salvage show US-002/1 --patch", "as a patch that `git apply` takes"),
    ),
    "salvage restore": (
        ("salvage restore US-002/1", "as the branch salvaged/shop/US-002/1"),
        ("salvage restore US-002/1 --to ../back", "as files in a new folder"),
    ),
    "help": (
        ("help", "all commands"),
        ("help start", "one of them"),
        ("help --man | man -l -", "all of it as a man page"),
    ),
    "completion": (
        ('eval "$(prd-supervise completion bash)"', "in ~/.bashrc"),
        ('eval "$(prd-supervise completion zsh)"', "in ~/.zshrc, below compinit"),
        ("completion fish | source", "in ~/.config/fish/config.fish"),
    ),
}


def typed(words: str) -> str:
    """The whole line: what stands behind the program's name, or already has it."""
    return words if PROGRAM in words else f"{PROGRAM} {words}"
