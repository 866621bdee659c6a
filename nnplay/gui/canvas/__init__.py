"""The stage on which networks are drawn."""
