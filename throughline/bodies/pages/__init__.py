"""Pages of people and bodies: signing in, the directory, and its administration."""
