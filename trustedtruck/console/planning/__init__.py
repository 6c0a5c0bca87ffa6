"""The pages on which a port is planned: what if, compare, lane hours."""
