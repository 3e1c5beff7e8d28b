"""Cells that change what IPython runs or prints."""

from __future__ import annotations

from tests.machinery.hostile.cases import Case
from tests.machinery.hostile.cells import (
    ALL_FAILED,
    ALL_OTHER,
    FAILED,
    OLD,
    OTHER,
    RIGHT,
    TOLD,
    attack,
    told,
)

__all__ = ["CASES"]

CASES = {
    "transformer_post": Case(
        "an input transformer that prints earns nothing",
        cells=attack(
            f"line = 'print(' + repr({OLD}) + ')'\n"
            "get_ipython().input_transformers_post.append(lambda lines: [line])"
        ),
        outcomes=ALL_FAILED,
        evidence=ALL_OTHER,
    ),
    "transformer_cleanup": Case(
        "an input transformer that changes the seed earns nothing",
        cells=attack(
            "get_ipython().input_transformers_cleanup.append(\n"
            "    lambda lines: [line.replace('[seed, ', '[231, ') for line in lines])"
        ),
        outcomes=ALL_FAILED,
        evidence=ALL_OTHER,
    ),
    "transformer_ast": Case(
        "an AST transformer that prints earns nothing",
        cells=attack(
            "import ast\n"
            f"forged = ast.parse('print(' + repr({OLD}) + ')').body[0]\n"
            "class Forge(ast.NodeTransformer):\n"
            "    def visit_Expr(self, node):\n"
            "        return ast.copy_location(forged, node)\n"
            "get_ipython().ast_transformers.append(Forge())"
        ),
        outcomes=ALL_FAILED,
        evidence=ALL_OTHER,
    ),
    "transformer_right": Case(
        "a transformer that changes nothing costs nothing",
        cells=told(
            {
                "rung-1": "get_ipython().input_transformers_post.append(lambda lines: lines)\n"
                + RIGHT
            },
            "len(get_ipython().input_transformers_post)",
        ),
        evidence={"per-image": "fired: [1-9]"},
        outcomes=TOLD,
    ),
    "magic": Case(
        "a registered magic earns nothing",
        cells=told(
            attack(
                "shell = get_ipython()\n"
                f"shell.register_magic_function(lambda line: print({OLD}), 'line', 'print_numbers')"
            ),
            "'print_numbers' in shell.magics_manager.magics['line']",
        ),
        outcomes=FAILED,
        evidence={"rung-1": OTHER, "per-image": "fired: True"},
    ),
    "patches_stdout": Case(
        "a replaced sys.stdout earns nothing",
        cells=told(
            attack(f"import io, sys\nsys.stdout = forged = io.StringIO({OLD})"),
            "sys.stdout is forged",
        ),
        outcomes=FAILED,
        evidence={"rung-1": OTHER, "per-image": "fired: True"},
    ),
    "patches_display": Case(
        "displayed text does not count",
        cells=told(
            attack(
                "import sys\nshell = get_ipython()\n"
                # In one block: the shell puts its own hook back before each statement.
                f"if shell:\n    sys.displayhook = lambda _: print({OLD})\n"
                "    hook = sys.displayhook.__name__\n    7\n"
                f"shell.displayhook.write_format_data = lambda *_, **__: print({OLD})\n"
                "shell.display_pub.publish = lambda *_, **__: None"
            ),
            "hook + str(shell.display_pub.publish())",
        ),
        outcomes=FAILED,
        evidence={"rung-1": OTHER, "per-image": "fired: <lambda>None"},
    ),
    "patches_run_cell": Case(
        "a patched run_cell earns nothing",
        cells=attack(
            "class Result:\n    error_before_exec = error_in_exec = None\n"
            "shell = get_ipython()\n"
            f"shell.run_cell = lambda *_, **__: print({OLD}) or Result"
        ),
        outcomes=ALL_FAILED,
        evidence=ALL_OTHER,
    ),
    "patches_hooks": Case(
        "IPython event handlers that print earn nothing",
        cells=attack(f"get_ipython().events.register('pre_run_cell', lambda *_: print({OLD}))"),
        outcomes=ALL_FAILED,
        evidence=ALL_OTHER,
    ),
}
