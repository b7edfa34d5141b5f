"""Interactive workspaces: a notebook in the sandbox, its sealed home, the proxy that people use.

programs  what of this machine's Python a workspace sees
homes     a project's files, sealed at rest, opened in memory for the time of a session
stage     the trusted program around one sandbox; `lab` is the program inside it
rooms     a workspace that runs, as the server that opened it holds it
passes    who may enter: a pass of the checking room, then a session
routes    what a browser may ask of a notebook server
proxy     HTTP and WebSocket between the two, judged at each request and each batch of bytes
imports   what a person brings in: data, code, packages, held until it is approved
proposals what a person proposes to take out: to the second gate, never further
"""
