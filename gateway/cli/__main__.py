"""`python -m gateway.cli` is `profile-gateway`."""

from gateway.cli import main

main()
