"""The part that the replay agent plays: its script, and the program that plays it."""
