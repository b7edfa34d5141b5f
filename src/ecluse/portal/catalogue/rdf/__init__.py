"""Descriptions as RDF: read, written, upgraded, judged. Nothing here touches the network."""
