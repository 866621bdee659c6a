"""The command search: everything the window can do, found by typing a few letters."""
