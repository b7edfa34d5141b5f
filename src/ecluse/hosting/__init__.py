"""What keeps the bytes: object stores, replicas from host to host, and the proof of both.

Hosts see ciphertext only. What is sealed on its way out is sealed where the source is, with a data
key that is lent for it: nothing here keeps a key that opens data.
"""
