"""Reads the municipality's own files, whatever program wrote them and whoever meant harm."""
