"""The two sites made from the one Django code: settings, look, languages, home pages."""
