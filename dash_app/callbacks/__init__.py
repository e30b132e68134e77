"""What happens when somebody touches the page; each module registers on one app."""
