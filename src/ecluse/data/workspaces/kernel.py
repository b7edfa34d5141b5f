"""The program of one kernel inside a workspace: the notebook's own, on unix sockets alone.

Run by the sandbox's own Python as a script: it imports nothing of ours. A kernel listens to what
processes forked from it print by a network socket, which cannot be made here: what those print is
not shown in the notebook.
"""


def main() -> None:
    """Run the kernel that the arguments describe."""
    from ipykernel.iostream import IOPubThread  # noqa: PLC0415 - only the sandbox has it for sure
    from ipykernel.kernelapp import launch_new_instance  # noqa: PLC0415

    IOPubThread._setup_pipe_in = _no_pipe  # type: ignore[method-assign]
    launch_new_instance()


def _no_pipe(thread: object) -> None:
    thread._pipe_flag = False  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
