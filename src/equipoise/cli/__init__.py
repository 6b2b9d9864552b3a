"""The command line: parse, call, print. Nothing heavy is imported before a command needs it."""

from equipoise.cli.app import app as app
from equipoise.cli.app import main as main
