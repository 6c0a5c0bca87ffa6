"""What is known before the truck comes: trips, shipments, seals, plant health."""
