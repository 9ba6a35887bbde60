"""prd-supervise: a supervision tree that runs PRDs with coding agents."""
