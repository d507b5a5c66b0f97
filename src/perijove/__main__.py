"""``python -m perijove`` is ``perijove``."""

from perijove.cli import main

main(prog_name="perijove")
