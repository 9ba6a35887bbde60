"""A PRD supervisor as a process: the core of a PRD, its journal and its children under one loop."""
