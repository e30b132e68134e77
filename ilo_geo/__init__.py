"""Urban and risk planner for a mid-sized coastal city: the library, free of any web framework."""

__version__ = "0.1.0"
__all__ = ["__version__"]
