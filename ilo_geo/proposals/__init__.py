"""What the council decides on: where to begin, and what is put forward."""
