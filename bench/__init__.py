"""Benchmarks: each states its peer and its data, and runs both in one go."""
