"""Use cases: what a person asks for, made of domain functions and files."""
