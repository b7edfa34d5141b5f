"""The program inside a workspace: the notebook's server on a unix socket, nothing else.

Run by the sandbox's own Python as a script: it imports nothing of ours. Its settings come by the
environment: ECLUSE_BASE (the path under which browsers see it) and ECLUSE_SOCKET.

A notebook wants the machine's addresses only to choose where its kernels listen; they listen on
unix sockets, so no address is looked for: the workspace keeps the walls of a job, where not even
a network socket can be made.
"""

import json
import mimetypes
import os
import sys
from pathlib import Path

KERNEL = "/opt/workspace/kernel.py"
TOKEN = Path("/run/token")
OUTPUTS = "outputs"
FONTS = ("woff2", "woff", "ttf")
MAX_BODY_BYTES = 16 << 20
HIDDEN = (
    *("apputils-extension:announcements", "apputils-extension:print"),
    *("docmanager-extension:download", "docmanager-extension:open-browser-tab"),
    *("extensionmanager-extension", "hub-extension", "terminal-extension"),
    *("filebrowser-extension:download", "filebrowser-extension:open-browser-tab"),
    *("filebrowser-extension:file-upload-status", "filebrowser-extension:notify-upload"),
    *("filebrowser-extension:open-url", "filebrowser-extension:share-file"),
    *("fileeditor-extension:language-server", "notebook-extension:language-server"),
    *("lsp-extension", "notebook-extension:export"),
    *("help-extension:jupyter-forum", "help-extension:resources"),
)
"""Parts of the page that would ask the door for what it refuses: menus show what works."""

UPLOAD = {"toolbar": [{"name": "uploader", "disabled": True}]}
NO_BUILD = {"buildAvailable": False, "buildCheck": False}


def settings() -> list[str]:
    """Return the notebook's options: what is closed here is closed at the proxy too."""
    chosen = {
        "ServerApp.sock": os.environ["ECLUSE_SOCKET"],
        "ServerApp.sock_mode": "0600",
        "ServerApp.base_url": os.environ["ECLUSE_BASE"],
        "ServerApp.root_dir": os.environ["HOME"],
        "ServerApp.ip": "localhost",
        "ServerApp.terminals_enabled": "False",
        "ServerApp.allow_remote_access": "True",
        "ServerApp.open_browser": "False",
        "ServerApp.quit_button": "False",
        "ServerApp.tornado_settings": repr({"page_config_data": NO_BUILD}),
        "ServerApp.jpserver_extensions": "{'jupyterlab': True}",
        "ServerApp.max_body_size": str(MAX_BODY_BYTES),
        "IdentityProvider.token": TOKEN.read_text(encoding="ascii"),
        "KernelManager.transport": "ipc",
        "MappingKernelManager.cull_idle_timeout": "0",
        "FileContentsManager.delete_to_trash": "False",
        "ContentsManager.allow_hidden": "False",
        "LabApp.extension_manager": "readonly",
        "LabApp.check_for_updates_class": "jupyterlab.handlers.announcements.NeverCheckForUpdate",
    }
    return [f"--{name}={value}" for name, value in chosen.items()]


def offer_kernel() -> None:
    """Offer one kernel: Python, started by our own program."""
    folder = Path(os.environ["JUPYTER_DATA_DIR"], "kernels", "python3")
    folder.mkdir(parents=True, exist_ok=True)
    kernel = {
        "argv": [sys.executable, KERNEL, "-f", "{connection_file}"],
        "display_name": "Python 3",
        "language": "python",
    }
    (folder / "kernel.json").write_text(json.dumps(kernel), encoding="utf-8")


def hide_what_is_refused() -> None:
    """Leave out of the page its downloads, exports, uploads, terminals and news."""
    folder = Path(os.environ["JUPYTER_CONFIG_DIR"], "labconfig")
    folder.mkdir(parents=True, exist_ok=True)
    told = {
        "page_config.json": {"disabledExtensions": {f"@jupyterlab/{one}": True for one in HIDDEN}},
        "default_setting_overrides.json": {"@jupyterlab/filebrowser-extension:widget": UPLOAD},
    }
    for name, content in told.items():
        (folder / name).write_text(json.dumps(content), encoding="utf-8")


def main() -> None:
    """Start the notebook's server and stay in it."""
    from jupyter_client import localinterfaces  # noqa: PLC0415 - only the sandbox has them for sure
    from jupyterlab.labapp import LabApp  # type: ignore[import-untyped]  # noqa: PLC0415

    # The addresses of the machine are looked for by network sockets, which cannot be made here.
    localinterfaces._load_ips = localinterfaces._load_ips_dumb
    for suffix in FONTS:  # a sandbox has no list of types: the door lets no unknown one through
        mimetypes.add_type(f"font/{suffix}", f".{suffix}")
    offer_kernel()
    hide_what_is_refused()
    os.chdir(os.environ["HOME"])
    Path(os.environ["HOME"], OUTPUTS).mkdir(exist_ok=True)
    LabApp.launch_instance(settings())


if __name__ == "__main__":
    main()
