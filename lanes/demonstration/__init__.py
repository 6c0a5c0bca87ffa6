"""The demonstration: two real ports, invented carriers, made with the product's own services."""
