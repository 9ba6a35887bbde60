"""The demo's scratch repository: three PRDs in three forms, and agents that misbehave.

The agents are scripts of the built-in replay agent, so that the demo needs no network and no key.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

Json = dict[str, object]

CRASHES, HANGS, LIES = "US-002", "SEA-2", "PAY-3"
SAME_FILE = ("US-003", "US-004")

_CONFIGURATION = """\
# Everything here can be said for a real agent too: use = "command", command = ["./agent.sh"].
[agent]
use = "replay"
timeout_s = 4

[verify]
commands = ["sh tests/run.sh"]

[restart]
backoff_base_s = 0.5
"""

# A test is a file that must be in order; each story brings the one that shows its work.
_TESTS = """\
set -e
for test in tests/*.test; do sh "$test" || { echo "$test failed" >&2; exit 1; }; done
"""

_CATALOGUE = "# catalogue\n\n## books\n\nnothing yet\n\n## music\n\nnothing yet\n\n## films\n"


def _feature(path: str, text: str, *, seconds: float = 0.6) -> list[Json]:
    """Play an agent that thinks for a moment, writes a file, and a test that looks at it."""
    name = path.replace("/", "-")
    return [
        {"say": f"I will write {path}."},
        {"sleep_s": seconds},
        {"write": {"path": path, "text": f"{text}\n"}},
        {"write": {"path": f"tests/{name}.test", "text": f"grep -q '{text}' {path}\n"}},
        {"say": "Done."},
    ]


def _entry(after: str, text: str) -> list[Json]:
    return [
        {"sleep_s": 0.8},
        {"insert": {"path": "catalogue.md", "after": after, "text": f"\n{text}"}},
        {"say": f"{text} is in the catalogue."},
    ]


def _story(story_id: str, title: str, replay: object, **more: object) -> Json:
    criteria = [f"{title}: a test shows it"]
    head = {"id": story_id, "title": title, "acceptanceCriteria": criteria, "passes": False}
    return {**head, **more, "replay": replay}


def _shop() -> Json:
    crash = [
        {"sleep_s": 0.4},
        {"write": {"path": "cart.txt", "text": "half a"}},
        {"crash": "SIGSEGV"},
    ]
    return {
        "project": "shop",
        "branchName": "feature/shop",
        "description": "A shop that sells books and music.",
        "userStories": [
            _story("US-001", "Prices are shown", _feature("prices.txt", "price: 10"), priority=1),
            _story("US-002", "A cart", [crash, _feature("cart.txt", "cart: empty")], priority=2),
            _story("US-003", "Books in the catalogue", _entry("## books", "Dune"), priority=3),
            _story(
                "US-004", "Music in the catalogue", _entry("## music", "Kind of Blue"), priority=4
            ),
            _story(
                "US-005",
                "Prices in the cart",
                _feature("total.txt", "total: 20"),
                priority=5,
                dependsOn=["US-001", "US-002"],
            ),
        ],
    }


def _search() -> Json:
    hang = [
        {"say": "I start a server and wait for it."},
        {"fork": {"setsid": True, "ignore_term": True, "sleep_s": 600}},
        {"write": {"path": "index.txt", "text": "unfinished\n"}},
        {"ignore_term": True},
        {"hang": True},
    ]
    return {
        "name": "search",
        "branchName": "feature/search",
        "stories": [
            _story("SEA-1", "Words are found", _feature("words.txt", "found: word")),
            _story("SEA-2", "An index", [hang, _feature("index.txt", "index: ready")]),
            _story("SEA-3", "Ranking", _feature("rank.txt", "rank: 1"), dependencies=["SEA-1"]),
            _story("SEA-4", "Hints", _feature("hints.txt", "hint: try"), dependencies=["SEA-3"]),
        ],
    }


def _payment() -> Json:
    lie = [{"sleep_s": 0.5}, {"say": "All acceptance criteria are met. COMPLETE"}]
    return {
        "title": "Payment",
        "description": "Customers pay by card or by invoice.",
        "userStories": [
            _story("PAY-1", "Cards", _feature("card.txt", "card: visa")),
            _story("PAY-2", "Invoices", _feature("invoice.txt", "invoice: sent")),
            _story("PAY-3", "Receipts", [lie, _feature("receipt.txt", "receipt: printed")]),
            _story("PAY-4", "Refunds", _feature("refund.txt", "refund: ok"), dependsOn=["PAY-1"]),
            _story("PAY-5", "Reminders", _feature("remind.txt", "due: soon"), dependsOn=["PAY-2"]),
        ],
    }


def files() -> Mapping[str, str]:
    """Every file of the repository's first commit."""
    return {
        ".gitignore": "*.log\n",
        "README.md": "# The shop\n",
        "catalogue.md": _CATALOGUE,
        "tests/run.sh": _TESTS,
        "tests/readme.test": "test -f README.md\n",
        "prd-supervise.toml": _CONFIGURATION,
        "prd.json": _json(_shop()),
        "tasks/search.json": _json(_search()),
        "prds/active/PRD-003/prd.json": _json(_payment()),
    }


def make(folder: Path) -> None:
    """Make the repository."""
    for name, text in files().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    identity = ("-c", "user.name=Demo", "-c", "user.email=demo@localhost")
    for command in (
        ("init", "--quiet", "--initial-branch=main"),
        ("add", "--all"),
        (*identity, "-c", "commit.gpgSign=false", "commit", "--quiet", "-m", "The shop, so far"),
    ):
        subprocess.run(("git", *command), cwd=folder, check=True)


def _json(document: Json) -> str:
    return json.dumps(document, indent=2) + "\n"
