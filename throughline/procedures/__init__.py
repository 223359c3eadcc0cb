"""Prescribed procedures: read from files, checked before use, executed as written."""
