"""The command line: `profile-gateway`. Whatever is wrong is said in a sentence, with exit code 2; never a traceback."""

import sys

import typer

from gateway.cli import checking, demo, keys, serving
from gateway.cli.console import complain
from profiles.errors import ProfileError, SettingsError

app = typer.Typer(
    name="profile-gateway",
    help="A GraphQL gateway that shows one customer's whole profile, panel by panel.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
imports = typer.Typer(help="Load data.", no_args_is_help=True)

app.command("serve")(serving.serve)
app.command("serve-demo", hidden=True)(serving.serve_demo)
app.command("demo")(demo.demo)
app.command("recompute")(demo.recompute)
app.command("migrate")(checking.migrate)
app.command("check")(checking.check)
app.command("export-schema")(checking.export_schema)
imports.command("complete-journey")(demo.import_complete_journey)
app.add_typer(imports, name="import")
app.add_typer(keys.app, name="keys")


@app.callback()
def _commands() -> None:
    """Settings come from the environment, PROFILE_GATEWAY_*; docs/settings.md lists them."""


def main(arguments: list[str] | None = None) -> None:
    """Runs a command and exits: 0 done, 1 a check failed, 2 something is not as it should be."""
    try:
        app(args=arguments)
    except (SettingsError, ProfileError) as error:
        complain(str(error))
        sys.exit(2)
