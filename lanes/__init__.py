"""The port: where a truck goes."""
