"""Arithmetic of integers and of floating-point numbers."""
from operands import Operands
from ptx import ROUNDING, WIDTH, Unsupported, bits, ctype, raw


class Arithmetic(Operands):
    """add, sub, mul, fma, div, min, sqrt and their kin; pairs of halves or of floats."""

    def arithmetic(self, o, M, a, t):
        rd, wr = self.read, self.write
        fl = t in ('f32', 'f64', 'f16', 'bf16')
        direction = [ROUNDING[x] for x in M if x in ROUNDING] if t in ('f32', 'f64') else []

        def operand(x):
            return 'opaque(%s)' % rd(x, t) if direction else rd(x, t)

        def finish(e):
            if direction:
                e = 'rnd<%d>([&]{return %s;})' % (direction[0], e)
            return 'sat1(%s)' % e if 'sat' in M else e
        if (o in ('add', 'sub') and 'cc' in M) or o in ('addc', 'subc'):
            f = {'add': 'ccadd', 'addc': 'ccaddc', 'sub': 'ccsub', 'subc': 'ccsubc'}[o]
            b = bits(t)
            return wr(a[0], b, '%s<%s>(%s,%s,CC)' % (f, raw(t), rd(a[1], b), rd(a[2], b)))
        if (o == 'mad' and 'cc' in M) or o == 'madc':
            b, u = bits(t), raw(t)
            if 'hi' in M:
                p = '%s(mulhi<%s>(%s,%s))' % (u, ctype(t), rd(a[1], t), rd(a[2], t))
            else:
                p = '%s(%s*%s)' % (u, rd(a[1], b), rd(a[2], b))
            return wr(a[0], b, '%s<%s>(%s,%s,CC)' % ('ccaddc' if o == 'madc' else 'ccadd', u, p,
                                                   rd(a[3], b)))
        if o in ('add', 'sub'):
            sign = '+' if o == 'add' else '-'
            if fl:
                return wr(a[0], t, finish('%s%s%s' % (operand(a[1]), sign, operand(a[2]))))
            if 'sat' in M:
                return wr(a[0], t, 'sats32(s64(%s)%ss64(%s))' % (rd(a[1], t), sign, rd(a[2], t)))
            b = bits(t)
            return wr(a[0], b, '%s%s%s' % (rd(a[1], b), sign, rd(a[2], b)))
        if o in ('mul', 'mad', 'fma', 'mul24', 'mad24'):
            return self.multiply(o, M, a, t, fl, operand, finish)
        if o == 'div':
            if fl:
                return wr(a[0], t, finish('%s/%s' % (operand(a[1]), operand(a[2]))))
            return wr(a[0], t, 'idiv<%s>(%s,%s)' % (ctype(t), rd(a[1], t), rd(a[2], t)))
        if o == 'rem':
            return wr(a[0], t, 'irem<%s>(%s,%s)' % (ctype(t), rd(a[1], t), rd(a[2], t)))
        if o in ('min', 'max'):
            f = '%s_%s' % (o, 'nan' if 'NaN' in M else 'n') if fl else 'i' + o
            if 'xorsign' in M or 'relu' in M:
                raise Unsupported('min/max modifier')
            e = rd(a[1], t)
            for x in a[2:]:
                e = '%s<%s>(%s,%s)' % (f, ctype(t), e, rd(x, t))
            return wr(a[0], t, e)
        if o == 'abs':
            return wr(a[0], t, 'fabs_(%s)' % rd(a[1], t) if fl
                      else 'iabs<%s>(%s)' % (ctype(t), rd(a[1], t)))
        if o == 'neg':
            b = bits(t)
            return wr(a[0], t, '-%s' % rd(a[1], t)) if fl else wr(a[0], b, '0-%s' % rd(a[1], b))
        if o in ('sqrt', 'rsqrt', 'rcp', 'sin', 'cos', 'ex2', 'lg2', 'tanh'):
            return wr(a[0], t, finish('m_%s(%s)' % (o, operand(a[1]))))
        if o == 'copysign':
            return wr(a[0], t, 'std::copysign(%s,%s)' % (rd(a[2], t), rd(a[1], t)))
        if o == 'testp':
            return wr(a[0], 'pred', 'testp_%s(%s)' % (M[0], rd(a[1], t)))
        return self.bitwise(o, M, a, t)

    def multiply(self, o, M, a, t, fl, operand, finish):
        rd, wr = self.read, self.write
        if fl:
            if o in ('fma', 'mad'):
                x = ','.join(operand(q) for q in a[1:4])
                if t in ('f16', 'bf16'):
                    x = 'double(%s),double(%s),double(%s)' % tuple(rd(q, t) for q in a[1:4])
                e = 'fma_(%s)' % x
            else:
                e = '%s*%s' % (operand(a[1]), operand(a[2]))
            return wr(a[0], t, finish(e))
        add = lambda e, w: '%s+%s' % (e, rd(a[3], w)) if o in ('mad', 'mad24') else e
        if 'wide' in M:
            wide = t[0] + str(2 * WIDTH[t])
            c = ctype(wide)
            e = '%s(%s)*%s(%s)' % (c, rd(a[1], t), c, rd(a[2], t))
            return wr(a[0], 'b%d' % WIDTH[wide],
                      add('u%d(%s)' % (WIDTH[wide], e), 'b%d' % WIDTH[wide]))
        if o in ('mul24', 'mad24'):
            if 'hi' in M:
                raise Unsupported('mul24.hi')
            if t == 's32':
                e = '(s64(%s<<8)>>8)*(s64(%s<<8)>>8)' % (rd(a[1], t), rd(a[2], t))
            else:
                e = 'u64(%s&0xffffff)*u64(%s&0xffffff)' % (rd(a[1], t), rd(a[2], t))
            return wr(a[0], 'b32', add('u32(%s)' % e, 'b32'))
        b = bits(t)
        if 'hi' in M:
            return wr(a[0], b, add('%s(mulhi<%s>(%s,%s))' % (raw(t), ctype(t), rd(a[1], t),
                                                            rd(a[2], t)), b))
        e = '%s*%s' % (rd(a[1], b), rd(a[2], b))
        if WIDTH[t] == 16:
            e = 'u32(%s)*u32(%s)' % (rd(a[1], b), rd(a[2], b))
        return wr(a[0], b, add(e, b))

    def packed(self, o, a, t):
        """Arithmetic on pairs of halves (f16x2, bf16x2) or of floats (f32x2)."""
        rd, wr = self.read, self.write
        f = {'add': 'x+y', 'sub': 'x-y', 'mul': 'x*y', 'fma': '__builtin_fmaf(x,y,z)',
             'min': 'std::fmin(x,y)', 'max': 'std::fmax(x,y)', 'neg': '-x', 'abs': 'fabs_(x)',
             'ex2': 'm_ex2(x)', 'tanh': 'm_tanh(x)'}.get(o)
        if not f:
            raise Unsupported('unsupported instruction')
        fn = '[](float x,float y,float z){(void)y;(void)z;return %s;}' % f
        if t == 'f32x2':
            args = [rd(q, 'b64') for q in a[1:]] + ['0ull'] * (4 - len(a))
            return wr(a[0], 'b64', 'x2f(%s,%s)' % (','.join(args), fn))
        cv, bk = ('h2f', 'f2h') if t == 'f16x2' else ('bf2f', 'f2bf')
        args = [rd(q, 'b32') for q in a[1:]] + ['0u'] * (4 - len(a))
        return wr(a[0], 'b32', 'x2op(%s,%s,%s,[](float v){return %s(v);})'
                  % (','.join(args), fn, cv, bk))
