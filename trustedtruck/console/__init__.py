"""The officers' console: pages over the services of the floors below. No tables."""
