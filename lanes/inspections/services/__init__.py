"""Every change of an inspection, one named service each."""
