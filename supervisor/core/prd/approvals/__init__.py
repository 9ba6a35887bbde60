"""Where a person has the word: who is asked what, when, and what follows from the answer."""
