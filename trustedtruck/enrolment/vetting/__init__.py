"""The checks of one application, each a function named as its code."""
