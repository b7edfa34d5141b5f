"""What people use: two Django sites from one code, the public site and the checking room."""
