"""Reporting: cycles, forms and reports; figures that units give, sign and have checked."""
