"""`service`: the unit or agent that runs `resume --watch` for a repository, and its installation."""
