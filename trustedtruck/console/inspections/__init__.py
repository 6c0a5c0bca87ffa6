"""Pages of inspections: the yard, one truck, scans, exams, joint inspections, figures."""
