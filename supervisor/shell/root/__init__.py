"""Root as a process: the one that a person started, which holds the lock and runs the tree."""
