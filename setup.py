"""What pyproject.toml cannot say: a wheel holds the folder assets, in which the encoders and a trained model lie."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class WithAssets(build_py):
    """The package, and in a wheel the assets inside it; a checkout that is installed in place has them beside it."""

    def run(self):
        """Build, then copy."""
        super().run()
        if not self.editable_mode:
            shutil.copytree("assets", Path(self.build_lib) / "vcemo_lib" / "assets", dirs_exist_ok=True)


setup(cmdclass={"build_py": WithAssets})
