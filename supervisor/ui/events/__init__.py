"""`events`: what has happened, to all or to one child, and what happens now."""
