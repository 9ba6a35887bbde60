"""`metrics`: what was counted and timed, as people and programs read it."""
