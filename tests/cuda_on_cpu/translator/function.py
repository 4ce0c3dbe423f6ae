"""The body of one kernel or device function as C++."""
import re

from arithmetic import Arithmetic
from bitwise import Bitwise
from conversions import Conversions
from matrices import Matrices
from memory import Memory
from ptx import WIDTH, Unsupported, bits, cid, split
from warps import Warps

# Instructions that change nothing here: hints to caches, schedulers and profilers.
IGNORED = ('prefetch', 'prefetchu', 'griddepcontrol', 'discard', 'applypriority', 'createpolicy',
           'nop', 'pmevent', 'setmaxnreg')


class Function(Warps, Matrices, Memory, Conversions, Arithmetic, Bitwise):
    """Translates the body of one kernel or device function."""

    def __init__(self, unit, sig, body):
        self.unit, self.sig, self.body = unit, sig, body
        self.scopes, self.decls, self.code, self.uid = [{}], [], [], 0
        self.local = {}          # name -> C++ expression of its address
        self.tables, self.label = {}, None
        self.param_layout, offset = [], 0
        for i, (name, size, align) in enumerate(sig.params):
            if sig.kind == 'entry':
                offset = (offset + align - 1) // align * align
                self.param_layout.append((offset, size))
                self.local[name] = '(P+%d)' % offset
                offset += size
            else:
                self.local[name] = 'A%d' % i
        for i, (name, _, _) in enumerate(sig.ret):
            self.local[name] = 'RV%d' % i
        self.param_bytes = offset

    def statements(self):
        body, i, cur, quoted = self.body, 0, '', False
        label = re.compile(r'\s*[\w$%]+\s*')
        while i < len(body):
            ch = body[i]
            if ch == '"':
                quoted = not quoted
            if ch == '{' and not quoted:
                if not cur.strip():
                    yield '{'
                    cur = ''
                    i += 1
                else:
                    j = body.index('}', i)
                    cur += body[i:j + 1]
                    i = j + 1
                continue
            if ch == '}' and not cur.strip():
                yield '}'
                cur = ''
            elif ch == ';':
                yield ' '.join(cur.split())
                cur = ''
            elif ch == ':' and body[i + 1:i + 2] != ':' and label.fullmatch(cur):
                yield cur.strip() + ':'
                cur = ''
            elif ch == '\n' and re.match(r'\s*\.(loc|pragma)\b', cur):
                cur = ''
            else:
                cur += ch
            i += 1

    def generate(self):
        for st in self.statements():
            if st == '{':
                self.scopes.append({'#': dict(self.local)})
                continue
            if st == '}':
                self.local = self.scopes.pop()['#']
                continue
            while True:
                m = re.match(r'^([\w$]+)\s*:(?!:)\s*', st)
                if not m:
                    break
                self.label = m.group(1)
                self.code.append('L_%s:;' % cid(self.label))
                st = st[m.end():]
            if not st:
                continue
            try:
                if st.startswith('.'):
                    self.directive(st)
                else:
                    self.instruction(st)
            except Unsupported as e:
                raise Unsupported('%s -- in "%s" of %s' % (e, st, self.sig.name))
            except (KeyError, IndexError, AttributeError, ValueError, TypeError) as e:
                raise Unsupported('cannot translate "%s" of %s (%r)' % (st, self.sig.name, e))
        if self.sig.kind == 'entry':
            head = 'static void K_%s(Ctx& c, u8* P)' % cid(self.sig.name)
        else:
            args = ''.join(', u8* RV%d' % i for i in range(len(self.sig.ret)))
            args += ''.join(', u8* A%d' % i for i in range(len(self.sig.params)))
            head = 'static void F_%s(Ctx& c%s)' % (cid(self.sig.name), args)
        return '%s{ bool CC=0; (void)CC;\n%s\n%s\n}\n' % (head, '\n'.join(self.decls),
                                                        '\n'.join(self.code))

    def directive(self, st):
        m = re.match(r'\.reg\s*\.(\w+)\s+(.*)$', st)
        if m:
            for n in split(m.group(2)):
                k = re.fullmatch(r'([\w$%]+)<(\d+)>', n)
                names = [k.group(1) + str(i) for i in range(int(k.group(2)))] if k else [n]
                for name in names:
                    self.new_register(name, m.group(1))
            return
        m = re.match(r'\.(local|param|shared)\b\s*(?:\.align (\d+))?\s*\.(\w+)\s+([\w$]+)'
                     r'(?:\[(\d+)\])?$', st)
        if m:
            space, align, ty, name, count = m.groups()
            size = WIDTH[ty] // 8 * int(count or 1)
            self.uid += 1
            if space == 'shared':
                key = '%s#%s#%d' % (self.sig.name, name, self.uid)
                self.local[name] = '(u64(%d))' % self.unit.shared_offset(key, size, int(align or 8))
                return
            cn = 'l%d_%s' % (self.uid, cid(name))
            self.decls.append('alignas(16) u8 %s[%d];' % (cn, max(size, 8)))
            if space == 'local':
                self.decls.append('memset(%s,0xff,sizeof %s);' % (cn, cn))
                self.unit.local_bytes += size
            self.local[name] = cn
            return
        m = re.match(r'\.branchtargets\s+(.*)$', st)
        if m:
            self.tables[self.label] = split(m.group(1))
            return
        if re.match(r'\.(loc|pragma|minnctapersm|maxntid|callprototype)', st):
            return
        raise Unsupported('directive')

    def instruction(self, st):
        pred = None
        if st.startswith('@'):
            m = re.match(r'@(!?)\s*([\w$%]+)\s+', st)
            pred = self.read(m.group(1) + m.group(2), 'pred')
            st = st[m.end():]
        m = re.match(r'([\w.:]+)\s*(.*)$', st)
        mods = m.group(1).split('.')
        code = self.emit(mods[0], mods[1:], split(m.group(2)), m.group(2))
        self.code.append('if(%s){%s}' % (pred, code) if pred else code)

    def emit(self, o, M, a, rest):
        """C++ statement of instruction o with modifiers M and operands a."""
        t = M[-1] if M and M[-1] in WIDTH else None
        rd, wr = self.read, self.write
        if o in ('ret', 'exit'):
            return 'return;' if o == 'ret' or self.sig.kind == 'entry' else 'c.exit_thread();'
        if o in IGNORED:
            return ';'
        if o in ('membar', 'fence'):
            return 'c.fence();'
        if o == 'nanosleep':
            self.unit.sync = True
            return 'c.yield_();'
        if o in ('trap', 'brkpt'):
            return 'c.fail("%s");' % o
        if o == 'bra':
            return 'goto L_%s;' % cid(a[0])
        if o == 'brx':
            cases = ''.join('case %d:goto L_%s;' % (i, cid(x))
                            for i, x in enumerate(self.tables[a[1]]))
            return 'switch(%s){%s default:c.fail("brx out of range");}' % (rd(a[0], 'u32'), cases)
        if o == 'call':
            return self.call(rest)
        if o in ('bar', 'barrier'):
            return self.barrier(M, a)
        if o in ('shfl', 'vote', 'redux', 'match', 'elect', 'activemask'):
            return self.warp(o, M, a, t)
        if o in ('mma', 'wmma', 'ldmatrix'):
            return self.matrix(o, M, a)
        if o == 'mbarrier' or o == 'cp':
            return self.asynchronous(o, M, a)
        if o in ('ld', 'ldu', 'st'):
            return self.load_store(o, M, a, t)
        if o in ('atom', 'red'):
            return self.atomic(o, M, a, t)
        if o == 'cvta':
            if self.space(M) == 'SHARED':
                f = 'c.generic_to_shared' if 'to' in M else 'c.shared_to_generic'
                return wr(a[0], t, '%s(%s)' % (f, rd(a[1], t)))
            return wr(a[0], t, rd(a[1], t))
        if o == 'mapa':
            return wr(a[0], t, rd(a[1], t))
        if o == 'isspacep':
            return wr(a[0], 'pred', 'c.isspace<%s>(%s)' % (self.space(M), rd(a[1], 'u64')))
        if o == 'mov':
            return self.move(a, t)
        if o == 'cvt':
            types = [x for x in M if x in WIDTH][-2:]
            return self.convert(M, types[0], types[1], a)
        if o in ('setp', 'set'):
            return self.compare(o, M, a, t)
        if o == 'selp':
            b = bits(t)
            return wr(a[0], b, '%s?%s:%s' % (rd(a[3], 'pred'), rd(a[1], b), rd(a[2], b)))
        if o == 'slct':
            dt, ct = [x for x in M if x in WIDTH][-2:]
            b = bits(dt)
            return wr(a[0], b, '(%s>=0)?%s:%s' % (rd(a[3], ct), rd(a[1], b), rd(a[2], b)))
        if t in ('f16x2', 'bf16x2', 'f32x2'):
            return self.packed(o, a, t)
        return self.arithmetic(o, M, a, t)
