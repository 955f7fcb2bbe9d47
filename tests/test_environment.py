"""One list of pins decides every environment."""

import re
import tomllib

import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from vcemo_lib.paths import ROOT

LOCK = (ROOT / "requirements.lock").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = {
    name: asked for name, asked in PROJECT["optional-dependencies"].items() if name not in ("book", "ray")
}  # a lock of its own; folders of their own
PINS = {
    canonicalize_name(m[1]): m[2] for m in re.finditer(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", LOCK, re.M)
}


BOOK = (ROOT / "requirements-book.lock").read_text()
INSTALLER = (ROOT / "requirements-installer.lock").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()


def pins_of(lock):
    """The lines of a lock, one for each pin, its hashes behind it."""
    return [line for line in lock.replace("\\\n", " ").splitlines() if line and line[0] not in " #-"]


def test_the_book_adds_its_own_pins_to_the_lock_and_repeats_none():
    added = {}
    for line in pins_of(BOOK):
        name, _, version = line.split()[0].partition("==")
        assert "--hash=sha256:" in line and "://" not in line
        assert canonicalize_name(name) not in PINS, f"{name} stands in requirements.lock"
        added.setdefault(canonicalize_name(name), []).append(version)
    for wanted in map(Requirement, PROJECT["optional-dependencies"]["book"]):
        assert all(wanted.specifier.contains(version) for version in added[canonicalize_name(wanted.name)])


def test_installer_and_build_tool_have_their_hashes_and_every_installation_asks_for_them():
    tools = {line.split()[0].partition("==")[0]: line for line in pins_of(INSTALLER)}
    assert set(tools) == {"uv", "setuptools"} and all("--hash=sha256:" in line for line in tools.values())
    assert tools["setuptools"].split()[0] == f"setuptools=={PINS['setuptools']}"  # the one that is then installed
    pip = [line for line in MAKEFILE.splitlines() if "-m pip install" in line]
    assert len(pip) == 1 and pip[0].endswith("--require-hashes -r requirements-installer.lock")
    by_uv = [line for line in MAKEFILE.splitlines() if "uv pip install" in line and "--target" not in line]
    assert len(by_uv) == 3 and all("$(BUILT_BY)" in line for line in by_uv)  # else into a folder of its own
    ray = pins_of((ROOT / "requirements-ray.lock").read_text())  # which CI installs
    assert [line.split()[0].partition("==")[0] for line in ray] == ["ray"] and "--hash=sha256:" in ray[0]
    assert "--require-hashes --target .ray -r requirements-ray.lock" in MAKEFILE
    assert re.search(r"^BUILT_BY := --build-constraints requirements-installer\.lock", MAKEFILE, re.M)


def test_environment_yml_installs_the_package_with_the_versions_of_the_lock():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    entries = environment["dependencies"]
    pip = next(entry["pip"] for entry in entries if isinstance(entry, dict))
    assert pip == ["--constraint constraints.txt", f"--editable .[{','.join(EXTRAS)}]"]
    assert "pip" in entries
    python = next(e for e in entries if isinstance(e, str) and e.startswith("python="))
    assert Requirement(f"python{PROJECT['requires-python']}").specifier.contains(python.split("=")[1])


def test_the_constraints_are_the_pins_of_the_lock_without_hashes():
    pins = [line.rstrip("\\ ") for line in LOCK.splitlines() if line and line[0] not in " #-"]
    assert (ROOT / "constraints.txt").read_text().splitlines() == pins
    assert not any(Requirement(pin).extras for pin in pins)  # pip takes none in a constraint
    assert all(f"--extra {extra} " in MAKEFILE for extra in EXTRAS)


def test_the_lock_has_no_address_and_a_hash_for_each_pin():
    assert "://" not in LOCK
    assert " @ " not in LOCK
    assert "--index-url" not in LOCK
    lines = pins_of(LOCK)
    assert len(lines) == len(PINS) > 50
    assert [line.split()[0] for line in lines if "--hash=sha256:" not in line] == []


def test_every_direct_dependency_is_pinned_within_its_bounds():
    wanted = [Requirement(r) for r in PROJECT["dependencies"] + sum(EXTRAS.values(), [])]
    for requirement in wanted:
        pinned = PINS.get(canonicalize_name(requirement.name))
        assert pinned, f"{requirement.name} is not in requirements.lock"
        assert requirement.specifier.contains(pinned), f"{requirement} against {pinned}"


def test_the_lock_holds_for_each_python_that_ci_names():
    """Every version, 3.11 and newer, finds its own pins: the lock is universal, each pin with the marker it needs."""
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())
    named = workflow["jobs"]["course"]["strategy"]["matrix"]["python"]
    assert {"3.11", "3.12"} <= set(named)
    assert all(Requirement(f"python{PROJECT['requires-python']}").specifier.contains(version) for version in named)
    assert "audioop-lts" in PINS
    assert "python_full_version >= '3.13'" in LOCK  # removed from 3.13's own library
    assert "--universal" in MAKEFILE
