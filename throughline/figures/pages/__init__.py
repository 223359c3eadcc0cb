"""Pages of figures: the status board, indicators, single figures, places, imports."""
