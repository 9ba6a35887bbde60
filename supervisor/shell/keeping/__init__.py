"""What earlier runs have left: how long it is kept, and its removal while root runs."""
