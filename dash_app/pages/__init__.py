"""The pages of the planner, each a function from context to layout."""
