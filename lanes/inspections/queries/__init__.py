"""Reading inspections: what is open, what was found, how long it took."""
