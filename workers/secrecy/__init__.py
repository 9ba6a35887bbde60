"""What nobody may see: which files are secret, what values they hold, and texts without those."""
