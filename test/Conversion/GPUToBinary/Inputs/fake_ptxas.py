"""Installs programs that say what ptxas would of some kernel."""
import os
import sys

HEAD = """ptxas info    : 0 bytes gmem
ptxas info    : Compiling entry function 'k' for 'sm_90a'
ptxas info    : Function properties for k
"""
CLEAN = HEAD + """    0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads
ptxas info    : Used 168 registers, used 1 barriers, 1024 bytes smem
"""
SPILLS = HEAD + """    40 bytes stack frame, 24 bytes spill stores, 32 bytes spill loads
ptxas info    : Used 168 registers, used 1 barriers
"""
SERIALISED = ("ptxas info : (C7510) Potential Performance Loss: wgmma.mma_async"
              " instructions are serialized due to a call in the function 'k'\n")
IGNORED = ("ptxas info : (C7508) Potential Performance Loss: 'setmaxnreg' "
           "ignored to maintain minimum register requirement.\n")

# Of -O3, and of -O1 if that is something else; then, if that is, too, of -O3 and a
# kernel of which one block on a multiprocessor will do.
PROGRAMS = {
    "clean": (CLEAN, 0),
    "serialised": (SERIALISED + CLEAN, 0),
    "ignored": (CLEAN + IGNORED, 0),
    "spills": (SPILLS, 0),
    "fails": ("ptxas fatal : out of registers\n", 1),
    "relaxed": (SPILLS, 0, CLEAN, 0),
    "relaxed-serialised": (SPILLS, 0, SERIALISED + CLEAN, 0),
    "relaxed-fails": (SPILLS, 0, "ptxas fatal : out of registers\n", 1),
    "alone": (SPILLS, 0, SPILLS, 0, CLEAN, 0),
    "alone-serialised": (SPILLS, 0, CLEAN, 0, SERIALISED + CLEAN, 0),
}

for name, (text, status, *others) in PROGRAMS.items():
    path = os.path.join(sys.argv[2], name)
    relaxed_text, relaxed_status = others[:2] or (text, status)
    alone_text, alone_status = others[2:] or (text, status)
    with open(path, "w") as file:
        file.write(f"""#!/bin/sh
level=-O3 alone=
while [ $# -gt 0 ]; do
  case "$1" in -O?) level=$1 ;; esac
  if grep -q minnctapersm "$1" 2>/dev/null; then alone=', alone'; fi
  if [ "$1" = -o ]; then output=$2; fi
  shift
done
[ -z "$output" ] || printf 'a cubin of %s' "$level$alone" > "$output"
if [ -n "$alone" ]; then
  cat >&2 <<'END'
{alone_text}END
  exit {alone_status}
fi
if [ $level = -O1 ]; then
  cat >&2 <<'END'
{relaxed_text}END
  exit {relaxed_status}
fi
cat >&2 <<'END'
{text}END
exit {status}
""")
    os.chmod(path, 0o755)
