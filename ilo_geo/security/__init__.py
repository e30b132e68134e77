"""Citizen security: how fast help arrives, where trouble gathers, and what cameras see."""
