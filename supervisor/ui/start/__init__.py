"""`start` and `resume`: what is to be run, the tree, and who follows it."""
