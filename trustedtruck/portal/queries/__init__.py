"""What the portal's pages read, in a number of queries that does not grow with the rows."""
