"""The control socket, and what operators ask over it."""
