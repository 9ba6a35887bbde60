"""What stories may use of the machine, and what follows where they use more."""
