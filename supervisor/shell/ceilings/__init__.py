"""What stories use of the machine: samples, and what follows from them."""
