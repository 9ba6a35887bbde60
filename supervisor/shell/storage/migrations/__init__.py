"""What makes of a state of one number the next one: pure functions on decoded documents."""
