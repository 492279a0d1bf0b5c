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

PROGRAMS = {
    "clean": (CLEAN, 0),
    "serialised": (SERIALISED + CLEAN, 0),
    "ignored": (CLEAN + IGNORED, 0),
    "spills": (SPILLS, 0),
    "fails": ("ptxas fatal : out of registers\n", 1),
}

for name, (text, status) in PROGRAMS.items():
    path = os.path.join(sys.argv[2], name)
    with open(path, "w") as file:
        file.write(f"""#!/bin/sh
cat >&2 <<'END'
{text}END
while [ $# -gt 0 ]; do
  if [ "$1" = -o ]; then printf 'a cubin' > "$2"; fi
  shift
done
exit {status}
""")
    os.chmod(path, 0o755)
