"""Changes that reach over several apps, one file per matter."""
