"""How people are told of states, times and amounts, the same everywhere."""
