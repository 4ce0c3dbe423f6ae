"""Operations on matrices by a warp: mma.sync, wmma.* and ldmatrix."""
import re

from operands import Operands
from ptx import WIDTH, Unsupported, group


class Matrices(Operands):
    """mma, wmma, ldmatrix."""

    def matrix(self, o, M, a):
        """mma.sync, wmma.* and ldmatrix."""
        rd, wr = self.read, self.write
        self.unit.sync = True

        def fetch(var, regs, t):
            e = ','.join(rd(x, t) for x in regs)
            return '%s %s[]={%s};' % ('double' if t == 'f64' else 'u32', var, e)
        types = [x for x in M if x in WIDTH or x in ('s32',)]
        shape = [x for x in M if re.fullmatch(r'm\d+n\d+k\d+', x)]
        if o == 'ldmatrix':
            num = int([x for x in M if re.fullmatch(r'x\d', x)][0][1])
            if 'm8n8' not in M:
                raise Unsupported('ldmatrix shape')
            regs = group(a[0])
            addr = self.address(a[1])
            if self.space(M) == 'GENERIC':
                addr = 'c.generic_to_shared(%s)' % addr
            return '{u32 d_[4]; c.ldmatrix(%s,%d,%d,d_);%s}' % (
                addr, num, 'trans' in M, ''.join(wr(r, 'u32', 'd_[%d]' % i)
                                                for i, r in enumerate(regs)))
        m, n, k = (int(x) for x in re.findall(r'\d+', shape[0]))
        if o == 'mma':
            if 'row' not in M or 'col' not in M or 'sp' in M:
                raise Unsupported('mma layout')
            td, ta, tb, tc = types
            D, A, B, C = (group(x) for x in a[:4])
            if ta == 'f64':
                return '{%s%s%sdouble d_[%d];c.mma_f64(%d,%d,a_,b_,c_,d_);%s}' % (
                    fetch('a_', A, 'f64'), fetch('b_', B, 'f64'), fetch('c_', C, 'f64'), len(D), m, k,
                    ''.join(wr(r, 'f64', 'd_[%d]' % i) for i, r in enumerate(D)))
            if (ta, shape[0]) not in (('f16', 'm16n8k8'), ('f16', 'm16n8k16'), ('bf16', 'm16n8k8'),
                                      ('bf16', 'm16n8k16'), ('tf32', 'm16n8k4'),
                                      ('tf32', 'm16n8k8')) or td != tc:
                raise Unsupported('mma shape or type')
            return '{%s%s%su32 d_[4];c.mma("%s","%s","%s",a_,b_,c_,d_);%s}' % (
                fetch('a_', A, 'b32'), fetch('b_', B, 'b32'), fetch('c_', C, 'b32'), shape[0], ta, tc,
                ''.join(wr(r, 'b32', 'd_[%d]' % i) for i, r in enumerate(D)))
        shared = self.space(M) == 'SHARED'
        row = 'row' in M
        if o == 'wmma' and M[0] == 'load':
            t = types[-1]
            if t not in ('f64', 'f32', 'f16', 'bf16', 'tf32'):
                raise Unsupported('wmma type')
            regs, store = group(a[0]), 'f64' if t == 'f64' else 'b32'
            c = 'double' if t == 'f64' else 'u32'
            width = 2 if t in ('f16', 'bf16') else WIDTH[t] // 8
            elems = len(regs) * (8 if t == 'f64' else 4) // width
            return "{%s d_[%d]; c.wmma_load('%s',%d,%d,%d,%d,%d,%s,%s,%d,d_,%d);%s}" % (
                c, len(regs), M[1], m, n, k, row, width, self.address(a[1]),
                rd(a[2], 'u32') if len(a) > 2 else '0', shared, elems,
                ''.join(wr(r, store, 'd_[%d]' % i) for i, r in enumerate(regs)))
        if o == 'wmma' and M[0] == 'store':
            t = types[-1]
            regs = group(a[1])
            width = 2 if t in ('f16', 'bf16') else WIDTH[t] // 8
            elems = len(regs) * (8 if t == 'f64' else 4) // width
            return '{%sc.wmma_store(%d,%d,%d,%d,%s,%s,%d,d_,%d);}' % (
                fetch('d_', regs, 'f64' if t == 'f64' else 'b32'), m, n, row, width,
                self.address(a[0]), rd(a[2], 'u32') if len(a) > 2 else '0', shared, elems)
        D, A, B, C = (group(x) for x in a[:4])
        kind = {'f64': 'd', 'f32': 's', 'f16': 'h', 'bf16': 'b', 'tf32': 't'}
        if len(types) == 4:
            td, ta, _, tc = types
        else:
            (td, tc), ta = types[:2], 'f16'
        if ta not in kind or td not in kind:
            raise Unsupported('wmma type')
        reg = lambda t: 'f64' if t == 'f64' else 'b32'
        return "{%s%s%s%s d_[%d]; c.wmma_mma(%d,%d,%d,'%s','%s','%s',a_,%d,b_,%d,c_,%d,d_,%d);%s}" % (
            fetch('a_', A, reg(ta)), fetch('b_', B, reg(ta)), fetch('c_', C, reg(tc)),
            'double' if td == 'f64' else 'u32', len(D), m, n, k, kind[ta], kind[tc], kind[td],
            len(A), len(B), len(C), len(D),
            ''.join(wr(r, reg(td), 'd_[%d]' % i) for i, r in enumerate(D)))
