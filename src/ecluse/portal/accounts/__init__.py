"""Who signs in, and in which roles (EHDS art. 55(3): some roles never meet in one person)."""
