"""What `init` writes: an example of a PRD, and settings to be filled in."""

from __future__ import annotations

EXAMPLE = """\
{
  "id": "shop",
  "project": "Book shop",
  "branchName": "feature/shop",
  "description": "What an agent has to know for every story: where things are, and what to avoid.",
  "verify": ["make test"],
  "userStories": [
    {
      "id": "US-001",
      "title": "Prices are shown",
      "description": "As a customer I see what a book costs, so that I can decide.",
      "acceptanceCriteria": [
        "Every book page shows a price with its currency",
        "A book without a price says so"
      ],
      "priority": 1,
      "targetFiles": ["src/pages/**", "tests/pages/**"],
      "passes": false
    },
    {
      "id": "US-002",
      "title": "A cart",
      "description": "As a customer I collect books, so that I can buy several at once.",
      "acceptanceCriteria": [
        "A book can be put into the cart and taken out again",
        "The cart shows the sum of the prices"
      ],
      "priority": 2,
      "dependsOn": ["US-001"],
      "targetFiles": ["src/cart/**"],
      "verify": ["make test", "make test-cart"],
      "passes": false
    }
  ]
}
"""

SETTINGS = """\
# Settings of prd-supervise. What is not said here has a sensible default.

[agent]
# What works on a story: claude, codex, gemini, opencode, qwen or aider. `prd-supervise doctor
# --agent claude` tries it.
# use = "claude"
# Or any command of yours, which gets the prompt on its standard input:
# command = ["./agent.sh"]

[verify]
# What shows that a story is done, where neither the story nor its PRD says it: each by
# /bin/sh -c in the story's worktree, and again on the merged tree.
# commands = ["make test"]
"""
