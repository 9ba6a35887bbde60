"""Root as a service: what its manager is told, and when."""
