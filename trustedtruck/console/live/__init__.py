"""What happens at a port, as it happens."""
