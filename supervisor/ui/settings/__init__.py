"""The settings: where they come from, what they may be, what the tree is told."""
