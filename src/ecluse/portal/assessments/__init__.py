"""The assessment of an application: criteria, risks, variables, opinions of experts, versions."""
