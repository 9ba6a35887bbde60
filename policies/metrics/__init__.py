"""What is counted and timed of a tree: the families of figures, how they add up and are told."""
