"""The rules of reporting, free of Django: what is wrong with a sheet of figures."""
