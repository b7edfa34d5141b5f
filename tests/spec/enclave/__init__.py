"""The enclave: where analyses run."""
