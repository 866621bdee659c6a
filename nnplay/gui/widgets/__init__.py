"""Small controls shared by all panels."""
