"""What stands in a text of a programming language: entities, imports, names, with their lines."""
