"""Calls, barriers and operations of a warp."""
from operands import Operands
from ptx import split

# Library functions that nvcc leaves open; kernel/context.hpp declares them.
DEVICE_CALLS = ('vprintf', 'malloc', 'free', '__assertfail')


class Warps(Operands):
    """call, bar, barrier, shfl, vote, redux, match, elect, activemask."""

    def call(self, rest):
        parts, ret = split(rest), []
        if parts[0].startswith('('):
            ret = split(parts[0][1:-1])
            parts = parts[1:]
        name = parts[0]
        args = split(parts[1][1:-1]) if len(parts) > 1 and parts[1].startswith('(') else []
        passed = [self.local[x] for x in ret + args]
        self.unit.sync = self.unit.sync or name not in DEVICE_CALLS
        if self.register(name):
            pointer = '((void(*)(Ctx&%s))%s)' % (',u8*' * len(passed), self.read(name, 'u64'))
            return '%s(c%s);' % (pointer, ''.join(',' + x for x in passed))
        if name in DEVICE_CALLS:
            return 'dev_%s(c%s);' % (name, ''.join(',' + x for x in passed))
        return '%s(c%s);' % (self.unit.use_function(name), ''.join(',' + x for x in passed))

    def barrier(self, M, a):
        rd, wr = self.read, self.write
        self.unit.sync = True
        if 'warp' in M:
            return 'c.syncwarp(%s);' % rd(a[0], 'u32')
        if 'cluster' in M:
            return 'c.fence();' if 'arrive' in M else 'c.bar(0,0,%d);' % self.site()
        if 'red' in M:
            what = [x for x in ('popc', 'and', 'or') if x in M][0]
            count = rd(a[2], 'u32') if len(a) == 4 else '0'
            e = 'c.bar_red(%s,%s,%s,%d,%d)' % (rd(a[1], 'u32'), count, rd(a[-1], 'pred'),
                                               ('popc', 'and', 'or').index(what), self.site())
            return wr(a[0], 'u32' if what == 'popc' else 'pred', e)
        if 'arrive' in M:
            return 'c.bar_arrive(%s,%s);' % (rd(a[0], 'u32'), rd(a[1], 'u32'))
        return 'c.bar(%s,%s,%d);' % (rd(a[0], 'u32'), rd(a[1], 'u32') if len(a) > 1 else '0',
                                     self.site())

    def site(self):
        """A number for this barrier, by which threads that wait at different ones are noticed."""
        self.unit.sites += 1
        return self.unit.sites

    def warp(self, o, M, a, t):
        rd, wr = self.read, self.write
        if o == 'activemask':  # a legal answer: no thread promises to run in step with another
            return wr(a[0], 'u32', '(1u<<c.lane)')
        self.unit.sync = True
        d = a[0].split('|')
        two = '{bool p_; u32 v_=%s; ' + wr(d[0], 'u32', 'v_')
        two += (wr(d[1], 'pred', 'p_') if len(d) > 1 else '') + '}'
        if o == 'shfl':
            mode = [i for i, x in enumerate(('up', 'down', 'bfly', 'idx')) if x in M][0]
            mask = rd(a[4], 'u32') if len(a) > 4 else '~0u'
            return two % ('c.shfl(%d,%s,%s,%s,%s,&p_)' % (
                mode, rd(a[1], 'u32'), rd(a[2], 'u32'), rd(a[3], 'u32'), mask))
        if o == 'vote':
            kind = [i for i, x in enumerate(('all', 'any', 'uni', 'ballot')) if x in M][0]
            mask = rd(a[2], 'u32') if len(a) > 2 else '~0u'
            return wr(a[0], 'u32' if kind == 3 else 'pred',
                      'c.vote(%d,%s,%s)' % (kind, rd(a[1], 'pred'), mask))
        if o == 'redux':
            kind = [i for i, x in enumerate(('add', 'min', 'max', 'and', 'or', 'xor')) if x in M][0]
            if t == 'f32':
                v = 'fabs_(%s)' % rd(a[1], t) if 'abs' in M else rd(a[1], t)
                return wr(a[0], t, 'c.redux_f32(%d,%s,%s)' % (kind + 10 * ('NaN' in M), v,
                                                             rd(a[2], 'u32')))
            return wr(a[0], 'u32', 'c.redux_int(%d,%s,%s,%d)' % (kind, rd(a[1], 'u32'),
                                                               rd(a[2], 'u32'), t == 's32'))
        if o == 'match':
            return two % ('c.match(%d,%s,%s,&p_)' % ('all' in M, rd(a[1], t), rd(a[2], 'u32')))
        return two % ('({u32 m_=%s; c.syncwarp(m_); u32 l_=__builtin_ctz(m_); p_=l_==c.lane; l_;})'
                      % rd(a[1], 'u32'))
