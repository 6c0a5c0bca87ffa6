"""What a port could be: simulated days, forecasts, what-if."""
