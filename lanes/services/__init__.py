"""Every change at a port, one named service each."""
