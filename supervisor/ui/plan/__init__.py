"""`plan`: what would happen if PRDs were started now, and how it is shown."""
