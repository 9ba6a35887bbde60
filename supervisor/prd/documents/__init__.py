"""The texts of PRDs, parsed: values, and the place of each of them."""
