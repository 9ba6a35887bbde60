"""What stories have cost, and what their budgets still allow."""
