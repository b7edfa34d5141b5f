"""Data holders: who they are, what is asked of them under a permit, what they supplied and when."""
