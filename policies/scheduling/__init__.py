"""Which story starts next, how many at once, and where."""
