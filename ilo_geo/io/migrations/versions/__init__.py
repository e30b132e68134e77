"""One script a change of the tables, in order."""
