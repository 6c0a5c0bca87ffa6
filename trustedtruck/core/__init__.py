"""What every app needs: errors, transitions, problem+json, embedded servers. No tables."""
