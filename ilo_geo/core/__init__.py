"""Vocabulary every room shares: text, errors, layers, schemas, study areas and results. No I/O."""
