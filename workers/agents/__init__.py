"""The coding agents that a story worker can run."""
