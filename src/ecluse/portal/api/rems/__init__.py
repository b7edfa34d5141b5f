"""The endpoints that the European genomic portal calls, in the words of REMS.

Shapes: REMS's own API (CSCfi/rems, MIT), the 13 paths of its public description that the portal
uses. A file of ours is an application of theirs with one catalogue item; a permit gives
entitlements.
"""
