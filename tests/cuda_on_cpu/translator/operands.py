"""Operands of PTX instructions: registers, immediate values, special registers, addresses."""
import re

from ptx import SPACES, WIDTH, Unsupported, cid, ctype, raw

# Special registers.
SREG = {
    '%laneid': 'c.lane', '%warpid': 'c.warp', '%nwarpid': 'c.b->nwarps', '%smid': '0u',
    '%nsmid': '1u', '%gridid': '0ull', '%clock': 'c.clk()', '%clock64': 'c.clk64()',
    '%clock_hi': '0u', '%globaltimer': 'c.clk64()', '%globaltimer_lo': 'c.clk()',
    '%lanemask_eq': '(1u<<c.lane)', '%lanemask_lt': '((1u<<c.lane)-1)',
    '%lanemask_le': '((2u<<c.lane)-1)', '%lanemask_gt': '(~((2u<<c.lane)-1))',
    '%lanemask_ge': '(~((1u<<c.lane)-1))', '%dynamic_smem_size': 'c.b->dyn',
    '%total_smem_size': 'c.b->shsize', '%cluster_nctarank': '1u', '%cluster_ctarank': '0u',
    '%is_explicit_cluster': 'false', '%envreg1': 'u32(c.b->grid_barrier>>32)',
    '%envreg2': 'u32(c.b->grid_barrier)',
}
for d in 'xyz':
    SREG['%tid.' + d] = 'c.t' + d
    SREG['%ntid.' + d] = 'c.b->bd' + d
    SREG['%ctaid.' + d] = SREG['%clusterid.' + d] = 'c.b->b' + d
    SREG['%nctaid.' + d] = SREG['%nclusterid.' + d] = 'c.b->gd' + d
    SREG['%cluster_ctaid.' + d] = '0u'
    SREG['%cluster_nctaid.' + d] = '1u'


class Operands:
    """Reads and writes the operands of a function's instructions; a part of Function."""

    def new_register(self, name, t):
        self.uid += 1
        cn = 'r%d_%s' % (self.uid, cid(name.lstrip('%')))
        self.scopes[-1][name] = (cn, t)
        self.decls.append('%s %s=0;' % (raw(t), cn))

    def register(self, name):
        for scope in reversed(self.scopes):
            if name in scope:
                return scope[name]
        return None

    @staticmethod
    def immediate(v):
        if re.fullmatch(r'0[fF][0-9a-fA-F]{8}', v):
            return 'f32', int(v[2:], 16)
        if re.fullmatch(r'0[dD][0-9a-fA-F]{16}', v):
            return 'f64', int(v[2:], 16)
        if re.fullmatch(r'[-+]?(0[xX][0-9a-fA-F]+|0[bB][01]+|\d+)U?', v):
            return 'i', int(v.rstrip('U'), 0)
        if re.fullmatch(r'[-+]?\d*\.\d+([eE][-+]?\d+)?', v):
            return 'd', float(v)
        return None

    def address_of(self, name):
        """C++ expression of the address of a variable, or None."""
        if name in self.local:
            return 'u64(%s)' % self.local[name]
        k = self.unit.module.symbols.get(name)
        if k is None:
            if name in self.unit.module.functions:
                self.unit.sync = True
                return 'u64(&%s)' % self.unit.use_function(name)
            return None
        if k[0] == 'shared':
            return 'u64(%d)' % self.unit.shared_offset(name, k[1], k[2])
        if k[0] == 'dyn':
            self.unit.uses_dynamic = True
            return 'u64(c.b->dynoff)'
        return self.unit.use_global(name)

    def read(self, op, t):
        """C++ expression of operand op as PTX type t."""
        op = op.strip()
        negate = op.startswith('!')
        if negate:
            op = op[1:].strip()
        width, c = WIDTH[t], ctype(t)
        im = self.immediate(op)
        if im:
            e = self.constant(im[0], im[1], t, c, width)
        elif op in SREG:
            e = '%s(%s)' % (c, SREG[op])
        else:
            r = self.register(op)
            if r:
                e = self.read_register(op, r[0], r[1], t, c, width)
            else:
                m = re.fullmatch(r'(?:generic\()?([\w$]+)\)?\s*(?:([+-])\s*(-?\d+))?', op)
                a = m and self.address_of(m.group(1))
                if a is None:
                    raise Unsupported('operand ' + op)
                offset = int(m.group(3) or 0) * (-1 if m.group(2) == '-' else 1)
                e = '%s(%s+(%dll))' % (c, a, offset)
        return '(!%s)' % e if negate else e

    @staticmethod
    def constant(kind, v, t, c, width):
        if t == 'pred':
            return 'true' if v else 'false'
        if kind == 'i':
            if t in ('f32', 'f64'):
                return '%s(%d)' % (c, v)
            return '%s(%dull)' % (c, v & ((1 << min(width, 64)) - 1))
        if kind == 'd':
            return '%s(%r)' % (c, v)
        value = 'bc<float>(u32(0x%08xu))' % v if kind == 'f32' else 'bc<double>(u64(0x%016xull))' % v
        own = 'f32' if kind == 'f32' else 'f64'
        if t == own:
            return value
        if t in ('f32', 'f64', 'f16', 'bf16'):
            return '%s(%s)' % (c, value)
        return '%s(0x%xull)' % (c, v)

    @staticmethod
    def read_register(op, cn, rt, t, c, width):
        rw = WIDTH[rt]
        if t == 'pred':
            return cn if rt == 'pred' else '(%s!=0)' % cn
        if t == 'f16':
            return 'h2f(%s)' % cn
        if t == 'bf16':
            return 'bf2f(%s)' % cn
        if rw == width:
            return cn if c == raw(rt) else 'bc<%s>(%s)' % (c, cn)
        if t in ('f32', 'f64'):
            raise Unsupported('register %s read as %s' % (op, t))
        if rw > width or t[0] != 's':
            return '%s(%s)' % (c, cn)
        return '%s(s%d(%s))' % (c, rw, cn)

    def write(self, op, t, e):
        """C++ statement that stores e, of PTX type t, in register op."""
        op = op.strip()
        if op == '_':
            return '(void)(%s);' % e
        r = self.register(op)
        if not r:
            raise Unsupported('destination ' + op)
        cn, rt = r
        if t == 'pred':
            return '%s=(%s);' % (cn, e)
        if t == 'f16':
            return '%s=f2h(%s);' % (cn, e)
        if t == 'bf16':
            return '%s=f2bf(%s);' % (cn, e)
        width, rw, c = WIDTH[t], WIDTH[rt], ctype(t)
        if width == rw:
            return '%s=bc<%s>(%s(%s));' % (cn, raw(rt), c, e)
        if t in ('f32', 'f64'):
            return '%s=bc<u%d>(%s(%s));' % (cn, width, c, e)
        if rw > width:
            wide = ('s%d' if t[0] == 's' else 'u%d') % rw
            return '%s=%s(%s(%s(%s)));' % (cn, raw(rt), wide, c, e)
        return '%s=%s(%s);' % (cn, raw(rt), e)

    def address(self, op):
        """C++ expression of the address in [op]."""
        a = re.fullmatch(r'\[\s*(.+?)\s*\]', op.strip()).group(1)
        m = re.fullmatch(r'([\w$%.]+)\s*(?:([+-])\s*(-?\s*\d+|-?0x[0-9a-fA-F]+))?', a)
        if not m:
            raise Unsupported('address ' + op)
        base = m.group(1)
        offset = int((m.group(3) or '0').replace(' ', ''), 0) * (-1 if m.group(2) == '-' else 1)
        if self.immediate(base):
            return 'u64(%d)' % (int(base, 0) + offset)
        r = self.register(base)
        b = 'u64(%s)' % r[0] if r else self.address_of(base)
        if b is None:
            raise Unsupported('address ' + op)
        return '(%s+(%dll))' % (b, offset) if offset else b

    @staticmethod
    def space(mods):
        for x in mods:
            x = x.split('::')[0]
            if x in SPACES:
                return SPACES[x]
        return 'GENERIC'
