"""The national register of AI systems: declared, classified, evaluated, followed in service."""
