"""The commands of the port."""
