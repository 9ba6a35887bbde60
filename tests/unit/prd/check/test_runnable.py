from __future__ import annotations

import pytest

from prd_supervise.supervisor.prd.check.runnable import command_in

GREP = "grep -q 'a' b.py && test -f c"


@pytest.mark.parametrize(
    ("criterion", "command"),
    [
        ("`npm test` passes", "npm test"),
        ("Running `cargo build --release` succeeds", "cargo build --release"),
        ("`pytest`", "pytest"),
        ("Typecheck passes (`npm run typecheck`)", "npm run typecheck"),
        ("`./check.sh` exits 0", "./check.sh"),
        ("npm run typecheck passes", "npm run typecheck"),
        ("pytest tests/test_cart.py passes", "pytest tests/test_cart.py"),
        ("make test passes", "make test"),
        ("go vet ./... is clean", "go vet ./..."),
        ("npm run lint", "npm run lint"),
        ("Run npm test.", "npm test"),
        ("go test ./...", "go test ./..."),
        ("Run python -m pytest -q succeeds", "python -m pytest -q"),
        ("It prints a name (test command: `grep -q 'a' b.py && test -f c`)", GREP),
    ],
)
def test_a_criterion_that_wants_a_command_to_pass_has_it(criterion: str, command: str) -> None:
    assert command_in(criterion) == command


@pytest.mark.parametrize(
    "criterion",
    [
        "Typecheck passes",
        "Tests pass",
        "Verify in browser using dev-browser skill",
        "make sure that the build passes",
        "go to the cart and the test passes",
        "test that it passes",
        "`src/cart.py` is created",
        "`Cart.add` returns 0 for an empty cart",
        "The README documents `npm test`",
        "`npm install` is listed in the guide",
        "`npm test` fails without the new file",
        "`git` is used",
        "Add `node` to the list",
        "python code passes review",
        "It works (test command: `Look at it.`)",
        "",
        "x" * 100_000,
        "npm run lint is part of the check",
        "pytest is used, make test is not",
        "npm run " + "a " * 200 + "passes",
    ],
)
def test_prose_is_no_command(criterion: str) -> None:
    assert command_in(criterion) == ""
