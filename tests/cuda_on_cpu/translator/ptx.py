"""PTX as text: types, names, lists of operands, and a module's functions and variables."""
import re

# Width in bits of each PTX type.
WIDTH = {
    'pred': 1, 'b8': 8, 'u8': 8, 's8': 8, 'b16': 16, 'u16': 16, 's16': 16, 'f16': 16, 'bf16': 16,
    'b32': 32, 'u32': 32, 's32': 32, 'f32': 32, 'f16x2': 32, 'bf16x2': 32, 'tf32': 32,
    'b64': 64, 'u64': 64, 's64': 64, 'f64': 64, 'f32x2': 64, 'b128': 128,
}
SPACES = {'global': 'GLOBAL', 'shared': 'SHARED', 'local': 'LOCAL', 'const': 'GLOBAL',
          'param': 'LOCAL', 'generic': 'GENERIC'}
# Directed rounding, as the bits of MXCSR.
ROUNDING = {'rm': 1, 'rp': 2, 'rz': 3}


class Unsupported(Exception):
    """An instruction or declaration that this translator does not know."""


def ctype(t):
    """The C++ type in which a value of PTX type t is computed."""
    if t == 'pred':
        return 'bool'
    if t in ('f32', 'f16', 'bf16'):
        return 'float'
    if t == 'f64':
        return 'double'
    return ('s' if t[0] == 's' else 'u') + str(WIDTH[t])


def raw(t):
    """The C++ type that holds the bits of a PTX type."""
    return 'bool' if t == 'pred' else 'u%d' % WIDTH[t]


def bits(t):
    """The untyped PTX type of the same width."""
    return t if t == 'pred' else 'b%d' % WIDTH[t]


def memtype(t):
    return ctype(t) if t[0] == 's' else raw(t)


def cid(name):
    """A C++ identifier for a PTX name."""
    return re.sub(r'[^A-Za-z0-9_]', lambda m: '_%02x' % ord(m.group()), name)


def split(text, sep=','):
    """Splits at sep outside brackets."""
    parts, depth, cur = [], 0, ''
    for ch in text:
        if ch in '[{(':
            depth += 1
        if ch in ']})':
            depth -= 1
        if ch == sep and depth == 0:
            parts.append(cur.strip())
            cur = ''
        else:
            cur += ch
    if cur.strip():
        parts.append(cur.strip())
    return parts


def group(text):
    """The registers of {a, b, c}, or of a lone a."""
    text = text.strip()
    return split(text[1:-1]) if text.startswith('{') else [text]


class Signature:
    """The head of a .entry or .func."""

    def __init__(self, head):
        head = ' '.join(head.split())
        m = re.search(r'\.(entry|func)\s*(?:\(([^)]*)\))?\s*([\w$]+)\s*(?:\((.*?)\))?'
                      r'\s*((?:\.\w[^()]*)?)$', head)
        if not m:
            raise Unsupported('function head: ' + head[:200])
        self.kind, ret, self.name, params, self.attrs = m.groups()
        self.ret = self.params_of(ret)
        self.params = self.params_of(params)

    @staticmethod
    def params_of(text):
        """[(name, bytes, alignment)] of a parameter list."""
        out = []
        for p in split(text or ''):
            p = re.sub(r'\.ptr\b(\s*\.(?:global|shared|const|local|generic))?(\s*\.align \d+)?', '', p)
            m = re.search(r'\.align (\d+)', p)
            align = int(m.group(1)) if m else None
            p = re.sub(r'\.align \d+', '', p)
            m = re.match(r'\s*\.(param|reg)\s+\.(\w+)\s+([\w$%]+)(?:\[(\d*)\])?', p)
            if not m:
                raise Unsupported('parameter: ' + p)
            unit = WIDTH[m.group(2)] // 8
            out.append((m.group(3), unit * int(m.group(4) or 1), align or unit))
        return out


class Module:
    """A parsed PTX module: its functions, variables and kernels."""

    def __init__(self, text):
        text = re.sub(r'/\*.*?\*/', '', text, flags=re.S)
        text = re.sub(r'//[^\n]*', '', text)
        # Label numbers depend on the place of a function in its module; hashes must not.
        self.text = re.sub(r'\$L__BB\d+_', '$L__BB_', text)
        self.symbols = {}   # name -> ('shared', size, align) | ('dyn', align) | ('global',)
        self.globals = {}   # name -> (align, size, hex or None, [(offset, name, addend)])
        self.functions = {}  # name -> (Signature, body)
        self.kernels = []
        self.parse()

    def parse(self):
        text, i = self.text, 0
        skip = re.compile(r'\.(version|target|address_size|file|pragma)\b[^\n;]*;?')
        section = re.compile(r'\.section\s+\.\w+\s*\{[^}]*\}')
        function = re.compile(r'(?:\.(?:visible|weak|extern|common)\s+)*\.(entry|func)\b')
        while True:
            i = re.compile(r'\s*').match(text, i).end()
            if i >= len(text):
                return
            m = skip.match(text, i) or section.match(text, i)
            if m:
                i = m.end()
                continue
            if function.match(text, i):
                brace, semi = text.find('{', i), text.find(';', i)
                if semi >= 0 and (brace < 0 or semi < brace):
                    i = semi + 1  # a declaration
                    continue
                depth, j = 0, brace
                for m in re.compile(r'[{}]').finditer(text, brace):
                    depth += 1 if m.group() == '{' else -1
                    if depth == 0:
                        j = m.start()
                        break
                s = Signature(text[i:brace])
                self.functions[s.name] = (s, text[brace + 1:j])
                if s.kind == 'entry':
                    self.kernels.append(s.name)
                i = j + 1
                continue
            j = text.find(';', i)
            if j < 0:
                return
            if not re.match(r'(?:\.\w+\s+)*?\.alias\b', text[i:j]):
                self.declare(' '.join(text[i:j].split()))
            i = j + 1

    def declare(self, st):
        """A module-level variable."""
        m = re.match(r'(?:\.(?:visible|weak|extern|common|managed|attribute\([^)]*\))\s*)*'
                     r'\.(global|const|shared)\b(.*)$', st)
        if not m:
            raise Unsupported('module declaration: ' + st[:120])
        space, rest = m.groups()
        extern = '.extern' in st.split('.' + space)[0]
        init, align = None, 16
        if '=' in rest:
            rest, init = rest.split('=', 1)
        m = re.search(r'\.align (\d+)', rest)
        if m:
            align = int(m.group(1))
            rest = rest.replace(m.group(), '')
        rest = re.sub(r'\.attribute\([^)]*\)', '', rest)
        m = re.match(r'\s*(?:\.v(\d))?\s*\.(\w+)\s+([\w$%]+)((?:\[\d*\])*)', rest)
        if not m:
            raise Unsupported('declaration: ' + st[:120])
        vec, ty, name, dims = m.groups()
        unit, count, open_ended = WIDTH.get(ty, 64) // 8 * int(vec or 1), 1, False
        for d in re.findall(r'\[(\d*)\]', dims):
            if d == '':
                open_ended = True
            else:
                count *= int(d)
        if space == 'shared':
            if open_ended or extern:
                self.symbols[name] = ('dyn', align)
            else:
                self.symbols[name] = ('shared', unit * count, align)
            return
        self.symbols[name] = ('global',)
        if extern and not init:
            self.globals.setdefault(name, (max(align, 16), unit * count, None, []))
            return
        data, relocs = None, []
        if init:
            values = split(init.strip().strip('{}'))
            count = max(count, len(values) if open_ended else count)
            out = bytearray()
            for k, v in enumerate(values):
                if re.match(r'^-?(0[xX][0-9a-fA-F]+|\d+)U?$', v):
                    x = int(v.rstrip('U'), 0)
                elif re.match(r'^0[fFdD][0-9a-fA-F]{8,16}$', v):
                    x = int(v[2:], 16)
                else:
                    m = re.search(r'([\w$]+)\)?\s*(?:\+\s*(\d+))?$', v)
                    relocs.append((k * unit, m.group(1), int(m.group(2) or 0)))
                    x = 0
                out += (x & ((1 << (8 * unit)) - 1)).to_bytes(unit, 'little')
            data = bytes(out).hex() if any(out) else None
        self.globals[name] = (max(align, 16), max(1, unit * count), data, relocs)
