#!/usr/bin/env python3
"""Generates C++ from the CUDA toolkit's headers and libraries.

generate.py errors DRIVER_TYPES_H   the table of error names
generate.py stubs LIBRARY           every function that LIBRARY exports, as one that says it is not implemented;
                                    weak, so that those which a stand-in defines take its place
"""
import re
import subprocess
import sys


def exported(path):
    out = subprocess.run(['nm', '--defined-only', '-D', path], capture_output=True, text=True, check=True).stdout
    lines = (line.split() for line in out.splitlines())
    return sorted({p[2].split('@')[0] for p in lines if len(p) == 3 and p[1] in 'TWi'})


def errors(path):
    with open(path) as f:
        body = re.search(r'enum __device_builtin__ cudaError\s*\{(.*?)\n\s*\};', f.read(), re.S).group(1)
    print('static const struct { int code; const char* name; } error_names[] = {')
    for name, code in re.findall(r'\b(cuda\w+)\s*=\s*(\d+)', body):
        print('  {%s, "%s"},' % (code, name))
    print('};')


def stubs(path):
    names = [n for n in exported(path) if re.match(r'^(__)?(cuda|cublas|cusolver)\w*$', n)]
    status = 801 if 'cudart' in path else 15 if 'cublas' in path else 9  # the library's "not supported"
    print('#include <cstdio>\n')
    for n in names:
        base = re.sub(r'_pt[sd][sz]$', '', n)  # per-thread default stream: here the same as the legacy one
        if base != n and base in names:
            print('asm(".weak %s\\n.type %s,@function\\n%s: jmp %s@PLT\\n");' % (n, n, n, base))
        else:
            print('extern "C" __attribute__((weak)) int %s() '
                  '{ fprintf(stderr, "cuda-on-cpu: %s is not implemented\\n"); return %d; }' % (n, n, status))


if __name__ == '__main__':
    {'errors': errors, 'stubs': stubs}[sys.argv[1]](sys.argv[2])
