"""Root's core: which PRD runs, and who may run an agent."""
