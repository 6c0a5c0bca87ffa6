"""Filters for what a manifest holds."""
