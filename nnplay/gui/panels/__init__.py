"""Side panels: data, features, layers, training, inspector."""
