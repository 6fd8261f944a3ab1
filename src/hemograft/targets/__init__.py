"""Published outcomes beside predictions: which row is what, how far apart, and how well intervals hold."""
