"""The cascade as people read it and work on it."""
