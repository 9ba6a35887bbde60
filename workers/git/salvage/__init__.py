"""Nothing is lost: what stands in a worktree is kept before it goes, and brought back."""
