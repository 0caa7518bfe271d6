"""`python -m fgaesq`: the command line where the `fgaesq` script is not on the path."""

from fgaesq.cli import main

main(prog_name="fgaesq")
