"""What each agent says while it works, as events."""
