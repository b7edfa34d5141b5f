"""Tables and variables read from the files that holders already have."""
