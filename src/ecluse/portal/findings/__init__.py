"""Significant findings: reported by a project, judged by the hub, told by the data holders."""
