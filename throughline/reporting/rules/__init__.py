"""The rules of reporting, free of Django: the life of a report and of a cycle, validation."""
