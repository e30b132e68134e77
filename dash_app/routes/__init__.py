"""What is served beside Dash: layers, downloads."""
