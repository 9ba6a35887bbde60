"""How runs end, what that is called, and what follows from it."""
