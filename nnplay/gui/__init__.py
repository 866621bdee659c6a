"""Windows: they show the session and ask it for changes."""
