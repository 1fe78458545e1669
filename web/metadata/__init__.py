"""A record as other systems describe it: one description, and each form made from it."""
