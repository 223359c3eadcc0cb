"""Who does what: assignments, refinement down the tiers, progress with evidence, checks."""
