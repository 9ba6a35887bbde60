"""What runs in a child process, and the words it speaks."""
