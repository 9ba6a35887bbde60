"""The graph of stories: dependencies written and inferred, and what follows from them."""
