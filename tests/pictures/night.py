"""The night that the pictures are taken of: three PRDs, and agents that are scripts.

All of it happens in some twenty seconds: most stories are done at once, one of every other kind
waits for the file `go`, so that all of them are on the screen together.
"""

from __future__ import annotations

from typing import Any

from tests.support.e2e_repo import HOLD, Repo

Json = dict[str, Any]

_MAKEFILE = "test:\n\t@sh tests/run.sh\n"
_TESTS = """\
count=0
for test in tests/*.test; do
    sh "$test" || { echo "FAIL $test"; exit 1; }
    count=$((count + 1))
done
echo "$count tests passed"
"""
_AGENTS = ("claude", "codex", "gemini")


def night(repo: Repo) -> None:
    """Write all of it, and commit it."""
    repo.configure(
        max_prds=2,
        agent={"use": "claude"},
        verify={"commands": ["make test"]},
        **{f"agents.{name}": {"kind": "replay"} for name in _AGENTS},
    )
    repo.put("Makefile", _MAKEFILE)
    repo.put("tests/run.sh", _TESTS)
    repo.put("tests/readme.test", "test -f README\n")
    repo.prd(*_shop(), id="shop", project="The shop", branchName="feature/shop")
    repo.prd(
        *_search(),
        name="tasks/search.json",
        id="search",
        project="Search for books",
        branchName="feature/search",
    )
    repo.prd(*_mail(), name="tasks/mail.json", id="mail", project="Mails to customers")
    repo.commit("The shop, so far")


def _story(story_id: str, title: str, replay: Any, **more: Any) -> Json:  # noqa: ANN401  JSON
    criteria = [f"{title}: a test shows it"]
    return {"id": story_id, "title": title, "acceptanceCriteria": criteria, "replay": replay} | more


def _says(*lines: str) -> list[Json]:
    return [step for line in lines for step in ({"say": line}, {"sleep_s": 0.7})]


def _writes(name: str, *, test: str = "NAME") -> list[Json]:
    """Write a file and the test that looks at it, and say what that has cost."""
    text = f"grep -q '{test}' src/{name}.py\n"
    return [
        {"write": {"path": f"src/{name}.py", "text": f'"""{name}."""\n\nNAME = "{name}"\n'}},
        {"write": {"path": f"tests/{name}.test", "text": text}},
        {"usage": {"input_tokens": 61_300, "output_tokens": 4_200, "cost_usd": 0.31}},
    ]


def _done(name: str, *lines: str) -> list[Json]:
    return [*_says(*lines, f"Writing src/{name}.py and its test."), *_writes(name)]


def _held(name: str, *lines: str) -> list[Json]:
    return [*_says(*lines), HOLD, *_writes(name)]


def _shop() -> list[Json]:
    wrong = [*_says("All acceptance criteria are met."), *_writes("vouchers", test="ten percent")]
    crash = [*_says("Reading the cart first."), {"crash": "SIGSEGV"}]
    card = _held(
        "card",
        "I'll look at how the cart adds up first.",
        "src/cart.py has no currency; prices are integers of cents.",
        "Plan: a Payment with an amount, a currency and a state.",
        "Writing src/card.py and tests/card.test.",
        "make test: 3 tests passed",
        "Next: what happens when the bank says no.",
        "A refused card keeps the cart, and says so beside the total.",
        "make test: 4 tests passed",
        "Last: a page that is sent twice must not pay twice.",
    )
    return [
        _story("US-001", "Prices on every page", _done("prices"), priority=1),
        _story("US-002", "A cart that survives a reload", _done("cart"), priority=2),
        _story(
            "US-003",
            "Checkout by card",
            [crash, card],
            dependsOn=["US-002"],
            agent="claude",
        ),
        _story("US-004", "Vouchers", wrong, dependsOn=["US-001"], agent="codex"),
        _story("US-005", "Invoice as PDF", _done("invoice"), dependsOn=["US-003"]),
        _story("US-006", "Vouchers in the cart", _done("redeem"), dependsOn=["US-004"]),
        _story("US-007", "Prices in euros", _done("euros"), dependsOn=["US-001"]),
    ]


def _search() -> list[Json]:
    hints = _held("hints", "The index is read once.", "Hints come from the 200 latest words.")
    limit = [{"limit": {"in_s": 9000, "message": "You exceeded your current quota"}}]
    return [
        _story("SEA-1", "Words are found", _done("words"), agent="codex"),
        _story("SEA-2", "Ranking", _done("rank"), approve="merge", agent="codex"),
        _story("SEA-3", "Hints while typing", hints, dependsOn=["SEA-1"], agent="codex"),
        _story("SEA-4", "Word forms", [limit, _done("forms")], agent="gemini"),
        _story("SEA-5", "Did you mean …?", _done("mean"), dependsOn=["SEA-3"]),
    ]


def _mail() -> list[Json]:
    return [
        _story("MAIL-1", "An order is confirmed", _done("confirmed"), agent="codex"),
        _story("MAIL-2", "A receipt is attached", _done("receipt"), dependsOn=["MAIL-1"]),
    ]
