"""Cases: the objects of a file with their states and clocks, and the one action that moves them."""
