"""A port that decides by itself while headquarters is out of reach."""
