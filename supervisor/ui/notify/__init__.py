"""`notify`: what people are notified of, and one message to try it."""
