# Asks the program that stands for ptxas.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Usage: ask-ptxas.py FOLDER, with ptxas, a.ptx, b.ptx and c.ptx in it."""
import json
import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import ptxas_answers  # noqa: E402

FOLDER = Path(sys.argv[1])
ANSWERS = FOLDER / "answers.json"


def ask(name, release="1", option="-v", keep=None):
    os.environ["RELEASE"] = release
    settings = ptxas_answers.environment(ANSWERS, FOLDER / "ptxas", keep)
    output = FOLDER / "out"
    output.unlink(missing_ok=True)
    command = [settings["PTXAS"], "-arch=sm_90a", option, FOLDER / f"{name}.ptx", "-o", output]
    done = subprocess.run(command, env=os.environ | settings, capture_output=True, text=True, check=False)
    result = repr(output.read_text().strip()) if output.exists() else "none"
    asked = len((FOLDER / "asked").read_text().splitlines())
    label = f"{name}, {release}" + (f" {option}" if option != "-v" else "")
    print(f"{label}: {done.returncode} {done.stdout.strip()!r} {result}, asked {asked}")


ask("a", keep=FOLDER / "new")
ask("c", keep=FOLDER / "new")
ANSWERS.write_text(json.dumps(ptxas_answers.collect(FOLDER / "new")))
ask("b")
ask("c")
# A line that stands for the text of `a`.
HASHES = FOLDER / "hashes.json"
os.environ["RELEASE"] = "1"
(FOLDER / "kept").mkdir()
(FOLDER / "kept" / "line.ptx").write_text((FOLDER / "a.ptx").read_text())
HASHES.write_text(json.dumps(ptxas_answers.collect_hashes(FOLDER / "ptxas", FOLDER / "kept")))
ptxas_answers.fill_cache(HASHES, FOLDER / "ptxas", FOLDER / "filled")
ask("filled/line")
os.environ["RELEASE"] = "2"
ptxas_answers.fill_cache(HASHES, FOLDER / "ptxas", FOLDER / "other")
print("of another release:", len(list((FOLDER / "other").iterdir())))
ask("b", release="2")
ask("b", option="-O0")
(FOLDER / "changed.ptx").write_text("changed")
ask("changed")
