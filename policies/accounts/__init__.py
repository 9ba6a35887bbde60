"""What an agent's account allows, and its gate."""
