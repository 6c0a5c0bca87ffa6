"""What moves a carrier together with what hangs on it: vetting, review, sanctions, credentials."""
