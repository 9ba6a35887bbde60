"""What repositories and branches are like: what is merged, made anew, protected or moved."""
