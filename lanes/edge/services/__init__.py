"""Headquarters makes a port's bundle and takes its journal; the edge applies and reports."""
