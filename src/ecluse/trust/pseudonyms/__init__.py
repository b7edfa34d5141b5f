"""The keys of pseudonyms, level by level, and the custodians who hold them."""
