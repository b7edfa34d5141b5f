"""Sources: where delivered rows come from — files, archives, SAS, databases."""
