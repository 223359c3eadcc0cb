"""Projects as people read them and keep them."""
