"""The carriers' pages over the services of the floors below. No tables."""
