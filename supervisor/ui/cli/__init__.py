"""What can be typed. What it does is imported when it is wanted."""
