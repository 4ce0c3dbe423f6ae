"""Moves, comparisons and conversions."""
from operands import Operands
from ptx import ROUNDING, WIDTH, Unsupported, bits, ctype, group


class Conversions(Operands):
    """mov, set, setp, cvt."""

    def move(self, a, t):
        rd, wr, w = self.read, self.write, WIDTH[t]
        if a[0].startswith('{'):
            regs = group(a[0])
            part = w // len(regs)
            return '{u%d v_=%s;%s}' % (w, rd(a[1], 'b%d' % w), ''.join(
                wr(r, 'b%d' % part, 'u%d(v_>>%d)' % (part, i * part)) for i, r in enumerate(regs)))
        if a[1].startswith('{'):
            regs = group(a[1])
            part = w // len(regs)
            return wr(a[0], 'b%d' % w, '|'.join('(u%d(%s)<<%d)' % (w, rd(r, 'b%d' % part), i * part)
                                              for i, r in enumerate(regs)))
        b = bits(t)
        return wr(a[0], b, rd(a[1], b))

    def compare(self, o, M, a, t):
        rd, wr = self.read, self.write
        bop = [{'and': '&&', 'or': '||', 'xor': '!='}[x] for x in M if x in ('and', 'or', 'xor')]
        if t in ('f16x2', 'bf16x2'):
            h = t[:-2]
            cv = 'h2f' if h == 'f16' else 'bf2f'
            x, y = rd(a[1], 'b32'), rd(a[2], 'b32')
            lo = 'cmp_%s<float>(%s(%s&0xffff),%s(%s&0xffff))' % (M[0], cv, x, cv, y)
            hi = 'cmp_%s<float>(%s(%s>>16),%s(%s>>16))' % (M[0], cv, x, cv, y)
            if bop:
                raise Unsupported('packed comparison with a boolean operator')
            if o == 'setp':
                d = a[0].split('|')
                return '{bool l_=%s,h_=%s;%s%s}' % (lo, hi, wr(d[0], 'pred', 'l_'),
                                                    wr(d[1], 'pred', 'h_') if len(d) > 1 else '')
            one = {'f16x2': 0x3c00, 'bf16x2': 0x3f80}.get([z for z in M if z in WIDTH][-2], 0xffff)
            return wr(a[0], 'b32', '(%s?%du:0u)|(%s?%du:0u)<<16' % (lo, one, hi, one))
        e = 'cmp_%s<%s>(%s,%s)' % (M[0], ctype(t), rd(a[1], t), rd(a[2], t))
        if o == 'set':
            dt = [z for z in M if z in WIDTH][-2]
            if bop:
                e = '(%s)%s%s' % (e, bop[0], rd(a[3], 'pred'))
            if dt in ('f32', 'f16', 'bf16'):
                return wr(a[0], dt, '(%s)?1.0f:0.0f' % e)
            return wr(a[0], dt, '(%s)?%s(-1):%s(0)' % (e, ctype(dt), ctype(dt)))
        d = a[0].split('|')
        yes, no = 't_', '!t_'
        q = ''
        if bop:
            q = ',q_=' + rd(a[3], 'pred')
            yes, no = 't_ %s q_' % bop[0], '(!t_) %s q_' % bop[0]
        return '{bool t_=%s%s;%s%s}' % (e, q, wr(d[0], 'pred', yes),
                                        wr(d[1], 'pred', no) if len(d) > 1 else '')

    def convert(self, M, dt, st, a):
        rd, wr = self.read, self.write
        direction = [m for m in M if m in ROUNDING]
        to_int = [m for m in M if m in ('rni', 'rzi', 'rmi', 'rpi')]
        if dt in ('f16x2', 'bf16x2'):
            bk = 'f2h' if dt == 'f16x2' else 'f2bf'
            bk += '_rz' if 'rz' in M else ''
            x, y = rd(a[1], 'f32'), rd(a[2], 'f32')
            if 'relu' in M:
                x, y = 'std::fmax(%s,0.0f)' % x, 'std::fmax(%s,0.0f)' % y
            return wr(a[0], 'b32', '(u32(%s(%s))<<16)|%s(%s)' % (bk, x, bk, y))
        if dt == 'tf32':
            return wr(a[0], 'b32', 'tf32_%s(%s)' % ('rna' if 'rna' in M else 'rn', rd(a[1], 'f32')))
        floats = ('f32', 'f64', 'f16', 'bf16')
        x = rd(a[1], st)
        if st in floats and dt in floats:
            e = 'r_%s(%s)' % (to_int[0], x) if to_int else x
            if direction and WIDTH[dt] < WIDTH[st]:
                if dt in ('f16', 'bf16'):
                    if direction[0] != 'rz' or st != 'f32':
                        raise Unsupported('rounding of a conversion to 16 bits')
                    return wr(a[0], 'b16', '%s_rz(%s)' % ('f2h' if dt == 'f16' else 'f2bf', e))
                e = 'rnd<%d>([&]{return %s(opaque(%s));})' % (ROUNDING[direction[0]], ctype(dt), e)
            if dt in ('f16', 'bf16'):
                if 'sat' in M:
                    e = 'sat1(%s)' % e
                return wr(a[0], dt, e)  # f2h takes float or double
            e = '%s(%s)' % (ctype(dt), e)
            return wr(a[0], dt, 'sat1(%s)' % e if 'sat' in M else e)
        if st in floats:
            return wr(a[0], dt, 'f2i<%s>(r_%s(%s))' % (ctype(dt), to_int[0] if to_int else 'rzi', x))
        if dt in floats:
            if direction and dt in ('f32', 'f64'):
                e = 'rnd<%d>([&]{volatile auto v_=%s; return %s(v_);})' % (
                    ROUNDING[direction[0]], x, ctype(dt))
            else:
                e = '%s(%s)' % ('double' if dt in ('f16', 'bf16') else ctype(dt), x)
            return wr(a[0], dt, e)
        if 'sat' in M:
            return wr(a[0], dt, 'isat<%s>(%s)' % (ctype(dt), x))
        return wr(a[0], dt, '%s(%s)' % (ctype(dt), x))
