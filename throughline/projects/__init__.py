"""Registers of projects: what is built for a plan, with its money, contracts and progress."""
