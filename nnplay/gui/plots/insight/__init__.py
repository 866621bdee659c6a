"""The further plots of the bottom row; each is made when it is first shown."""
