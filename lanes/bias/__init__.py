"""Whether chance alone explains who was drawn, let through and held up. Pure."""
