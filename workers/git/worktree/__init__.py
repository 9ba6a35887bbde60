"""Linked worktrees of ours: made, furnished, made ready for a story, shown for verification."""
