"""What is told of a tree: the status document, and how it is made."""
