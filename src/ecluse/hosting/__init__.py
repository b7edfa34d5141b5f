"""What keeps the bytes: object stores, replicas from host to host, and the proof of both.

Sees ciphertext only: nothing here holds a key that opens data.
"""
