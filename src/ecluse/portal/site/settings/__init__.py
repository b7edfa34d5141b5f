"""Settings: `both` holds what the two sites share; `public` and `checking` are the sites."""
