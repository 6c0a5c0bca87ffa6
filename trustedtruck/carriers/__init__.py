"""Who is trusted: companies, their profiles, fleets, drivers, papers and standing."""
