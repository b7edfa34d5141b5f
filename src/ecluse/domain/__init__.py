"""What is true: rules and values. No clock, no file, no network, standard library alone."""
