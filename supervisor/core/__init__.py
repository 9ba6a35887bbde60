"""How the tree reacts: pure steps."""
