"""What happens in the other lane: stations, scans, exams, joint inspections, outcomes."""
