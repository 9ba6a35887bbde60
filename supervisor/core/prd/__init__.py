"""The PRD supervisor's core: what becomes of its stories."""
