"""Where data come from and how they become the values of input neurons."""
