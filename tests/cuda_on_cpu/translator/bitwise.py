"""Bits: logic, shifts, fields, permutation of bytes."""
from operands import Operands
from ptx import Unsupported, bits, ctype, raw


class Bitwise(Operands):
    """and, or, shl, shf, lop3, bfe, bfi, prmt, popc and their kin."""

    def bitwise(self, o, M, a, t):
        rd, wr = self.read, self.write
        if o in ('and', 'or', 'xor'):
            sign = {'and': '&', 'or': '|', 'xor': '^'}[o]
            return wr(a[0], t, '%s%s%s' % (rd(a[1], t), sign, rd(a[2], t)))
        if o == 'not':
            return wr(a[0], t, ('!%s' if t == 'pred' else '~%s') % rd(a[1], t))
        if o == 'cnot':
            return wr(a[0], t, '%s==0' % rd(a[1], t))
        if o in ('shl', 'shr'):
            return wr(a[0], t, '%s_<%s>(%s,%s)' % (o, ctype(t), rd(a[1], t), rd(a[2], 'u32')))
        if o == 'shf':
            return wr(a[0], 'b32', 'shf_%s(%s,%s,%s,%d)' % (
                M[0], rd(a[1], 'b32'), rd(a[2], 'b32'), rd(a[3], 'u32'), 'clamp' in M))
        if o == 'lop3':
            if '|' in a[0]:
                raise Unsupported('lop3 with a predicate result')
            return wr(a[0], 'b32', 'lop3(%s,%s,%s,%d)' % (
                rd(a[1], 'b32'), rd(a[2], 'b32'), rd(a[3], 'b32'), int(a[4], 0)))
        if o == 'bmsk':
            return wr(a[0], 'b32', 'bmsk(%s,%s,%d)' % (rd(a[1], 'u32'), rd(a[2], 'u32'), 'clamp' in M))
        if o == 'szext':
            return wr(a[0], t, 'szext_<%s>(%s,%s)' % (ctype(t), rd(a[1], t), rd(a[2], 'u32')))
        if o == 'dp4a':
            return wr(a[0], 'b32', 'dp4a(%s,%s,%s,%d,%d)' % (
                rd(a[1], 'b32'), rd(a[2], 'b32'), rd(a[3], 'b32'), M[0] == 's32', M[1] == 's32'))
        if o == 'popc':
            return wr(a[0], 'u32', '__builtin_popcountll(%s)' % rd(a[1], t))
        if o == 'clz':
            return wr(a[0], 'u32', 'clz_<%s>(%s)' % (raw(t), rd(a[1], bits(t))))
        if o == 'brev':
            return wr(a[0], t, 'brev_<%s>(%s)' % (raw(t), rd(a[1], bits(t))))
        if o == 'bfind':
            return wr(a[0], 'u32', 'bfind_<%s>(%s,%d)' % (ctype(t), rd(a[1], t), 'shiftamt' in M))
        if o == 'bfe':
            return wr(a[0], t, 'bfe_<%s>(%s,%s,%s)' % (ctype(t), rd(a[1], t), rd(a[2], 'u32'),
                                                     rd(a[3], 'u32')))
        if o == 'bfi':
            return wr(a[0], t, 'bfi_<%s>(%s,%s,%s,%s)' % (raw(t), rd(a[1], t), rd(a[2], t),
                                                        rd(a[3], 'u32'), rd(a[4], 'u32')))
        if o == 'prmt' and t == 'b32' and M == ['b32']:
            return wr(a[0], 'b32', 'prmt(%s,%s,%s)' % tuple(rd(x, 'b32') for x in a[1:4]))
        if o == 'sad':
            x, y, z = (rd(q, t) for q in a[1:4])
            return wr(a[0], t, '%s+(%s>%s?%s-%s:%s-%s)' % (z, x, y, x, y, y, x))
        raise Unsupported('unsupported instruction')
