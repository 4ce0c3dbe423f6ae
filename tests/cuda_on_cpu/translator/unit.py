"""The C++ file of one kernel."""
import re

from function import Function
from ptx import Unsupported, cid


class Unit:
    """One C++ file: a kernel and the device functions that it reaches."""

    def __init__(self, module, kernel):
        self.module, self.kernel = module, kernel
        self.shared = {}        # name -> offset in static shared memory
        self.shared_bytes = 0
        self.uses_dynamic = False
        self.local_bytes = 0
        self.sync = False
        self.sites = 0
        self.globals = []       # names, in order of use
        self.reached = []       # device functions, in order of use

    def shared_offset(self, name, size, align):
        if name not in self.shared:
            self.shared_bytes = (self.shared_bytes + align - 1) // align * align
            self.shared[name] = self.shared_bytes
            self.shared_bytes += size
        return self.shared[name]

    def use_global(self, name):
        if name not in self.globals:
            self.globals.append(name)
        return 'G_' + cid(name)

    def use_function(self, name):
        if name not in self.module.functions:
            raise Unsupported('call of a function that is not in the module: ' + name)
        if name not in self.reached:
            self.reached.append(name)
        return 'F_' + cid(name)

    def text(self):
        sig, body = self.module.functions[self.kernel]
        entry = Function(self, sig, body)
        code, done = [entry.generate()], 0
        while done < len(self.reached):
            s, b = self.module.functions[self.reached[done]]
            code.insert(0, Function(self, s, b).generate())
            done += 1
        out = ['#include "arithmetic.hpp"']
        out += ['static u64 G_%s;' % cid(g) for g in self.globals]
        for name in self.reached:
            s = self.module.functions[name][0]
            out.append('static void F_%s(Ctx& c%s);'
                       % (cid(name), ', u8*' * (len(s.ret) + len(s.params))))
        out += code
        layout = ','.join('%d,%d' % x for x in entry.param_layout) or '0'
        out.append('static const int layout[]={%s};' % layout)
        refs = ''.join('{"%s",&G_%s},' % (g, cid(g)) for g in self.globals)
        out.append('static const GlobalRef refs[]={%s{0,0}};' % refs)
        m = re.search(r'\.(?:maxntid|reqntid)\s+(\d+)(?:\s*,\s*(\d+))?(?:\s*,\s*(\d+))?', sig.attrs)
        threads = 1
        for x in (m.groups() if m else ()):
            threads *= int(x or 1)
        self.max_threads = threads if m else 0
        out.append('extern "C" __attribute__((visibility("default"))) const KernelDesc ccpu_kernel='
                   '{"%s",K_%s,%d,%d,layout,%d,%d,%d,%d,%d,%d,refs};'
                   % (self.kernel, cid(self.kernel), entry.param_bytes, len(entry.param_layout),
                      self.sync, self.shared_bytes, self.local_bytes, self.max_threads,
                      self.uses_dynamic, len(self.globals)))
        return '\n'.join(out) + '\n'
