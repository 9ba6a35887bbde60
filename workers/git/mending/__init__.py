"""What a killed git leaves: whose it is, and how it goes."""
