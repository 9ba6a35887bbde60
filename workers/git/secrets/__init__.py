"""Secret files in worktrees: copied, kept out of every commit, put away."""
