"""PRD documents: read, checked, marked."""
