"""The trusted third party: a process of its own that names persons and keeps who asked for it."""
