"""Patrols: what agents are on duty, where their sectors lie and which loop they drive."""
