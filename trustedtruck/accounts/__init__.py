"""People, their roles and agencies; devices and their keys."""
