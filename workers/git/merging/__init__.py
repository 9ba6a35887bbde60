"""Work that comes together: commits joined, trains, and what running stories do to each other."""
