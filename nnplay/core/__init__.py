"""The network, its numerics and its training: values and functions on numpy alone."""
