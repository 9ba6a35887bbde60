"""Children and their supervisors: what they are, who is restarted and when, how all are stopped."""
