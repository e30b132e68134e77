"""Who gets to safe ground before the wave: walking times, the people who are late, and where."""
