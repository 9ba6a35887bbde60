"""The dashboard: a client of the control socket that any number may run; it never stops a run."""
