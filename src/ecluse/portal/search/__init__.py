"""Finding data: words, facets, variables, and why each dataset was found."""
