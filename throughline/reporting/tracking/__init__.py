"""What goes wrong and who reports on time: computed for a reader, never stored."""
