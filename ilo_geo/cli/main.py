"""Entry point of ``ilo-geo``: registers the commands and turns errors into one line.

Exit codes: 0 done, 2 bad input (a file, a parameter, the usage), 1 any other failure. Only the
result goes to stdout; progress and errors go to stderr.
"""

from __future__ import annotations

import logging
import sys
from importlib.metadata import entry_points
from typing import cast

import typer

from ilo_geo.cli.accounts import account_app
from ilo_geo.cli.analyse import analyse_app
from ilo_geo.cli.audit import audit_app
from ilo_geo.cli.backup import backup
from ilo_geo.cli.backup import restore
from ilo_geo.cli.coherence import coherence
from ilo_geo.cli.export import export
from ilo_geo.cli.fetch import fetch
from ilo_geo.cli.imports import import_command
from ilo_geo.cli.imports import template
from ilo_geo.cli.init import init
from ilo_geo.cli.layers import layers_app
from ilo_geo.cli.papers import dossier
from ilo_geo.cli.papers import minutes
from ilo_geo.cli.prepare import prepare
from ilo_geo.cli.proposals import proposals_app
from ilo_geo.cli.publish import publish
from ilo_geo.cli.results import results_app
from ilo_geo.cli.site import site
from ilo_geo.core.errors import IloGeoError

# typer's own copy of click does not export the base of its usage errors
UsageError = cast("type[typer.BadParameter]", typer.BadParameter.__mro__[1])
# commands of other packages (the planner's "serve") join through this entry point group
COMMANDS_GROUP = "ilo_geo.commands"
DEBUG = "--debug"
EXIT_BAD_INPUT = 2
EXIT_FAILURE = 1


def build_app(given: list[str]) -> typer.Typer:
    """Return the command line application for the arguments ``given``."""
    app = typer.Typer(
        name="ilo-geo",
        help="Urban and risk planner that a mid-sized coastal city runs by itself.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )

    @app.callback()
    def root(
        debug: bool = typer.Option(False, DEBUG, help="Show the traceback of a failure."),
    ) -> None:
        logging.basicConfig(level=logging.DEBUG if debug else logging.WARNING, stream=sys.stderr)

    app.add_typer(layers_app, name="layers")
    app.add_typer(analyse_app, name="analyse")
    app.add_typer(results_app, name="results")
    app.add_typer(proposals_app, name="proposals")
    app.add_typer(account_app, name="account")
    app.add_typer(audit_app, name="audit")
    app.command("init")(init)
    app.command("fetch")(fetch)
    app.command("import")(import_command)
    app.command("template")(template)
    app.command("export")(export)
    app.command("prepare")(prepare)
    app.command("publish")(publish)
    app.command("site")(site)
    app.command("coherence")(coherence)
    app.command("dossier")(dossier)
    app.command("minutes")(minutes)
    app.command("backup")(backup)
    app.command("restore")(restore)
    for command in entry_points(group=COMMANDS_GROUP):
        # the planner is heavy to import: only who asks for it, or for the list, waits for it
        if command.name in given or "--help" in given or not given:
            app.command(command.name)(command.load())
    return app


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with its code."""
    given = sys.argv[1:] if arguments is None else arguments
    # an option of every command, wherever it stands; only the root declares it
    rest = [argument for argument in given if argument != DEBUG]
    sys.exit(_run([DEBUG, *rest] if len(rest) < len(given) else rest))


def _run(given: list[str]) -> int:
    try:
        code = build_app(given)(given, standalone_mode=False)
    except UsageError as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            sys.stderr.write(f"{error.format_message()}\n")
            return EXIT_BAD_INPUT
        return _fail(error.format_message(), EXIT_BAD_INPUT)
    except (typer.Abort, KeyboardInterrupt):
        return _fail("stopped; nothing more was written", EXIT_FAILURE)
    except IloGeoError as error:
        if DEBUG in given:
            raise
        return _fail(str(error), error.exit_code)
    # the application's boundary: a fault of ours ends in one line too, the rest is for --debug
    except Exception as error:
        if DEBUG in given:
            raise
        found = " ".join(f"{type(error).__name__}: {error}".split())
        logging.getLogger(__name__).debug("failure", exc_info=error)
        return _fail(f"unexpected failure ({found}); run again with --debug", EXIT_FAILURE)
    return int(code or 0)


def _fail(message: str, code: int) -> int:
    sys.stderr.write(f"ilo-geo: {' '.join(message.split())}\n")
    return code


if __name__ == "__main__":
    main()
