"""What is checked once PRDs are read: the whole plan, and several PRDs beside each other."""
