"""Loads, stores, atomics, asynchronous copies and mbarriers."""
import re

from operands import Operands
from ptx import WIDTH, Unsupported, bits, ctype, group, memtype, raw


class Memory(Operands):
    """ld, st, atom, red, cp.async, cp.async.bulk, mbarrier."""

    def load_store(self, o, M, a, t):
        rd, wr = self.read, self.write
        where = self.space(M)
        v = [x for x in M if re.fullmatch(r'v\d', x)]
        n = int(v[0][1]) if v else 1
        size, T = WIDTH[t] // 8, memtype(t)
        ordered = where in ('GLOBAL', 'GENERIC', 'SHARED') and any(
            x in M for x in ('volatile', 'acquire', 'release', 'relaxed', 'mmio'))
        if ordered:
            self.unit.sync = True
        f = '%s%s' % ('st' if o == 'st' else 'ld', 'v' if ordered else '')
        if T == 'u128':
            f = f.rstrip('v')
        if o == 'st':
            A, regs = self.address(a[0]), group(a[1])
            if n == 1:
                return 'c.%s<%s,%s>(%s,%s);' % (f, where, T, A, rd(regs[0], bits(t)))
            return '{u64 a_=%s; c.align_check(a_,%d); %s}' % (A, n * size, ''.join(
                'c.%s<%s,%s>(a_+%d,%s);' % (f, where, T, i * size, rd(r, bits(t)))
                for i, r in enumerate(regs)))
        A, regs, dt = self.address(a[1]), group(a[0]), t if t[0] == 's' else bits(t)
        if n == 1:
            return wr(regs[0], dt, 'c.%s<%s,%s>(%s)' % (f, where, T, A))
        loads = ''.join('%s v%d_=c.%s<%s,%s>(a_+%d);' % (T, i, f, where, T, i * size)
                        for i in range(n))
        return '{u64 a_=%s; c.align_check(a_,%d); %s%s}' % (
            A, n * size, loads, ''.join(wr(r, dt, 'v%d_' % i) for i, r in enumerate(regs)))

    def atomic(self, o, M, a, t):
        rd, wr = self.read, self.write
        where = self.space(M)
        op = [x for x in M if x in ('add', 'min', 'max', 'and', 'or', 'xor', 'exch', 'cas', 'inc',
                                    'dec')][0]
        b = a if o == 'red' else a[1:]
        A = self.address(b[0])
        if any(re.fullmatch(r'v\d', x) for x in M) or t == 'b128':
            raise Unsupported('vector or 128-bit atomics')
        if op == 'cas':
            self.unit.sync = True
            e = 'c.cas<%s,%s>(%s,%s,%s)' % (where, raw(t), A, rd(b[1], bits(t)), rd(b[2], bits(t)))
            return wr(a[0], bits(t), e) if o == 'atom' else e + ';'
        if t in ('f16', 'bf16', 'f16x2', 'bf16x2'):
            half = t[:-2] if t.endswith('x2') else t
            cv, bk = ('h2f', 'f2h') if half == 'f16' else ('bf2f', 'f2bf')
            expr = {'add': 'x+y', 'min': 'std::fmin(x,y)', 'max': 'std::fmax(x,y)'}[op]
            if t.endswith('x2'):
                e = ('({u32 y_=%s; c.atom_half2<%s>(%s,[=](u32 x_){return x2op(x_,y_,0u,'
                     '[](float x,float y,float){return %s;},%s,[](float v){return %s(v);});});})'
                     % (rd(b[1], 'b32'), where, A, expr, cv, bk))
                return wr(a[0], 'b32', e) if o == 'atom' else '(void)%s;' % e
            e = ('({float y=%s; c.atom_half<%s>(%s,[=](u16 x_){float x=%s(x_);return %s(%s);});})'
                 % (rd(b[1], half), where, A, cv, bk, expr))
            return wr(a[0], 'b16', e) if o == 'atom' else '(void)%s;' % e
        if WIDTH[t] < 32:
            raise Unsupported('atomic on fewer than 32 bits')
        e = 'c.atom<%s,%s>(OP_%s,%s,%s)' % (where, ctype(t), op, A, rd(b[1], t))
        return wr(a[0], t, e) if o == 'atom' else '(void)%s;' % e

    def asynchronous(self, o, M, a):
        """cp.async, cp.async.bulk and mbarrier."""
        rd, wr = self.read, self.write
        if o == 'cp' and 'bulk' in M:
            self.unit.sync = True
            if 'commit_group' in M or 'wait_group' in M:
                return ';'
            if 'tensor' in M or 'reduce' in M or 'prefetch' in M or 'multicast::cluster' in M:
                raise Unsupported('this form of cp.async.bulk')
            spaces = [x.split('::')[0] for x in M if x.split('::')[0] in ('global', 'shared')]
            mbar = any(x.startswith('mbarrier') for x in M)
            return 'c.cp_bulk(%s,%d,%s,%d,%s,%s,%d);' % (
                self.address(a[0]), spaces[0] == 'shared', self.address(a[1]),
                spaces[1] == 'shared', rd(a[2], 'u32'), self.address(a[3]) if mbar else '0', mbar)
        if o == 'cp':
            if 'async' not in M:
                raise Unsupported('cp')
            if 'mbarrier' in M:
                self.unit.sync = True
                return 'c.cp_async_wait(0);c.mbar_arrive(%s,1,0,true);' % self.mbar_address(M, a[0])
            if 'commit_group' in M:
                return 'c.cp_async_commit();'
            if 'wait_all' in M:
                return 'c.cp_async_commit();c.cp_async_wait(0);'
            if 'wait_group' in M:
                return 'c.cp_async_wait(%d);' % int(a[0], 0)
            n = rd(a[2], 'u32')
            src = rd(a[3], 'u32') if len(a) > 3 else n
            dst = self.address(a[0])
            return 'c.cp_async(%s,%s,%s,%s);' % (dst, self.address(a[1]), n, src)
        self.unit.sync = True
        if 'init' in M:
            return 'c.mbar_init(%s,%s);' % (self.mbar_address(M, a[0]), rd(a[1], 'u32'))
        if 'inval' in M:
            return ';'
        if 'arrive' in M or 'arrive_drop' in M:
            if 'arrive_drop' in M or 'noComplete' in M:
                raise Unsupported('mbarrier.arrive_drop/noComplete')
            has_state = not a[0].strip().startswith('[')
            b = a[1:] if has_state else a
            extra = rd(b[1], 'u32') if len(b) > 1 else None
            tx = extra if 'expect_tx' in M else '0'
            count = '1' if 'expect_tx' in M or extra is None else extra
            e = 'c.mbar_arrive(%s,%s,%s,true)' % (self.mbar_address(M, b[0]), count, tx)
            return wr(a[0], 'b64', e) if has_state else e + ';'
        if 'expect_tx' in M or 'complete_tx' in M:
            sign = '' if 'expect_tx' in M else '-'
            return 'c.mbar_arrive(%s,0,%s(s64)%s,false);' % (self.mbar_address(M, a[0]), sign,
                                                            rd(a[1], 'u32'))
        if 'try_wait' in M or 'test_wait' in M:
            parity = 'parity' in M
            state = rd(a[2], 'u32' if parity else 'b64')
            return wr(a[0], 'pred', 'c.mbar_test(%s,%s,%d,%d)' % (
                self.mbar_address(M, a[1]), state, parity, 'try_wait' in M))
        raise Unsupported('this form of mbarrier')

    def mbar_address(self, M, op):
        e = self.address(op)
        return 'c.generic_to_shared(%s)' % e if self.space(M) == 'GENERIC' else e
