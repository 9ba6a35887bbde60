"""The PRD that `init` writes, an example."""

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


def example(*, has_verify: bool) -> str:
    """The example; without commands of its own where the settings say how a story is verified."""
    lines = EXAMPLE.splitlines(keepends=True)
    return "".join(line for line in lines if not (has_verify and '"verify": [' in line))
