"""Object stores behind one interface: a local folder, any S3 endpoint, Azure Blob to read from."""
