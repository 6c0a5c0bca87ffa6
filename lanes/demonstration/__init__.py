"""The demonstration: two real ports with invented carriers, made with the product's own services."""
