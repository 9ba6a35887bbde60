"""`service`: the unit or agent that runs `resume --watch`, and its installation."""
