"""Public green: what counts, how much there is a person, and who reaches it on foot."""
