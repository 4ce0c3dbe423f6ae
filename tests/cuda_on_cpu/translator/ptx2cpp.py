#!/usr/bin/env python3
"""Translates a PTX module into one C++ file per kernel (run-time support: kernel/).

usage: ptx2cpp.py MODULE.ptx OUTDIR SALT

Writes OUTDIR/k-KEY.cpp for each kernel, where KEY is a hash of the C++ text and SALT, unless
OUTDIR/k-KEY.so is there already, and MODULE.idx, which the stand-in CUDA runtime reads:

    kernel NAME KEY SHARED LOCAL THREADS a translated kernel: bytes of static shared and of local
                                         memory, limit of __launch_bounds__ or 0
    broken NAME MESSAGE                  a kernel that uses something unsupported
    global NAME ALIGN SIZE HEX RELOCS    a module variable, its initial bytes (or -) and pointers in it
    done

A PTX register becomes a C++ local variable of its bits, an instruction becomes one statement, a
branch becomes a goto. The compiler does the rest.
"""
import hashlib
import os
import sys

from ptx import Module, Unsupported
from unit import Unit


def translate(module, kernel):
    """C++ text of a kernel with the functions that it can call, and its resources."""
    unit = Unit(module, kernel)
    return unit.text(), '%d %d %d' % (unit.shared_bytes, unit.local_bytes, unit.max_threads)


def main():
    path, outdir, salt = sys.argv[1:4]
    with open(path) as f:
        module = Module(f.read())
    lines = []
    for name in module.kernels:
        try:
            text, resources = translate(module, name)
        except Unsupported as e:
            lines.append('broken %s %s' % (name, ' '.join(str(e).split())))
            continue
        key = hashlib.sha256((salt + '\n' + text).encode()).hexdigest()[:24]
        target = os.path.join(outdir, 'k-%s.cpp' % key)
        if not any(map(os.path.exists, (target, target[:-3] + 'so'))):
            tmp = '%s.%d' % (target, os.getpid())
            with open(tmp, 'w') as f:
                f.write(text)
            os.replace(tmp, target)
        lines.append('kernel %s %s %s' % (name, key, resources))
    for name, (align, size, data, relocs) in module.globals.items():
        r = ','.join('%d:%s:%d' % x for x in relocs) or '-'
        lines.append('global %s %d %d %s %s' % (name, align, size, data or '-', r))
    lines.append('done')
    target = os.path.splitext(path)[0] + '.idx'
    tmp = '%s.%d' % (target, os.getpid())
    with open(tmp, 'w') as f:
        f.write('\n'.join(lines) + '\n')
    os.replace(tmp, target)


if __name__ == '__main__':
    try:
        main()
    except Unsupported as e:
        sys.stderr.write('cuda-on-cpu: ptx2cpp: %s\n' % e)
        sys.exit(1)
