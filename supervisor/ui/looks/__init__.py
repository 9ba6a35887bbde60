"""How anything of ours looks on a terminal: rows, tones, colours, columns."""
