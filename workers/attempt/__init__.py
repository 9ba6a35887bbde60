"""One run of an agent: its home, its environment, what it says, and how much it may take."""
