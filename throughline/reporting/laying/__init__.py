"""A unit's sheet laid out for a reader: lines, what may be done, who sees it, what happened."""
