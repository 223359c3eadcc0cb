"""Throughline runs the implementation of a plan, from the approved document to the evidence."""

__version__ = "0.1.0.dev0"
