"""What no line of the product does: run a shell or a text, keep a weak digest, draw weak chance."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src" / "ecluse"
MODULES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in SOURCE.rglob("*.py")}
SCRIPTS = "\n".join(
    path.read_text(encoding="utf-8") for path in (SOURCE / "portal/site/static/site").glob("*.js")
)


def calls() -> Iterator[tuple[str, str, ast.Call]]:
    """Every call of the product: its module, the name that is called, the call."""
    for path, tree in MODULES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                yield str(path.relative_to(SOURCE)), ast.unparse(node.func), node


CALLS = list(calls())


def test_no_program_is_run_through_a_shell() -> None:
    shells = {"os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput"}
    found = [
        (module, name)
        for module, name, call in CALLS
        if name in shells or any(one.arg == "shell" for one in call.keywords)
    ]

    assert found == []


def test_no_text_is_run_as_code() -> None:
    found = [(m, name) for m, name, _ in CALLS if name in {"eval", "exec", "__import__"}]

    assert found == []


def test_no_weak_digest_protects_anything() -> None:
    weak = [
        (module, name)
        for module, name, call in CALLS
        if re.fullmatch(r"(hashlib\.|hashes\.)?(md5|sha1|MD5|SHA1)", name)
        and not any(one.arg == "usedforsecurity" for one in call.keywords)
    ]

    assert weak == []


def test_chance_that_protects_comes_from_the_system() -> None:
    drawn = {
        str(path.relative_to(SOURCE))
        for path, tree in MODULES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Import) and any(one.name == "random" for one in node.names)
    }

    # Invented rows, bytes that a host is tried with, damage done in a drill: nothing is protected.
    invented = ("data/enclave/dummy.py", "hosting/conformance/", "hosting/drills/")
    assert [module for module in sorted(drawn) if not module.startswith(invented)] == []


def test_no_cipher_lacks_authentication_and_no_key_is_short() -> None:
    plain = {(module, name) for module, name, _ in CALLS if name.startswith("modes.")}
    padded = [(m, name) for m, name, _ in CALLS if name.endswith(("PKCS1v15", "TripleDES", "ARC4"))]

    # A stream of numbers for the noise of a table, never a text that is kept.
    assert plain == {("data/disclosure/cell_keys.py", "modes.CTR")}
    assert padded == []


def test_scripts_write_no_markup_and_keep_nothing() -> None:
    forbidden = "innerHTML|outerHTML|insertAdjacentHTML|document.write|eval|Function"
    kept = "localStorage|sessionStorage|indexedDB|postMessage|document.cookie|__proto__"

    assert "document.addEventListener" in SCRIPTS
    assert re.findall(rf"\b({forbidden}|{kept})\b", SCRIPTS) == []
