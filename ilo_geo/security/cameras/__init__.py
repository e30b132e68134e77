"""Cameras: where masts may stand, what each would see, and the choice that sees most."""
