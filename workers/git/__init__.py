"""Everything that we do with git, for the integrator."""
