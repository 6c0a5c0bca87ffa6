"""What is looked for, and who may know it: warnings, hits, partners."""
