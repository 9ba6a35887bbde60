"""What agents print, as people read it: a line in, lines out."""
