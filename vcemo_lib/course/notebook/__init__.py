"""What a notebook uses while it runs: showing, playing, checking, reading notebooks."""
