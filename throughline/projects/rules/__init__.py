"""What holds of projects, without Django and the database."""
