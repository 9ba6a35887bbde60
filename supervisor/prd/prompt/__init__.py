"""What an agent is told: the words, and the template that they are put into."""
