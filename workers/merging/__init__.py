"""What comes of two texts that were changed at once: conflicts explained, resolved, or doubted."""
