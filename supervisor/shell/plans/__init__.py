"""Plans on their way to root: which PRD a file holds, its neighbours, its schedule; accepted."""
