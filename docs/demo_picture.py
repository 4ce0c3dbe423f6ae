#!/usr/bin/env python3
"""docs/demo.png: the first heat map of the page that `./run demo` writes, as rsvg-convert (librsvg2-bin) renders it.
    docs/demo_picture.py        after ./run demo
"""
import base64, pathlib, re, struct, subprocess, zlib

root = pathlib.Path(__file__).resolve().parent.parent
svg = re.search(r'<svg class="heat".*?</svg>', (root / "demo/report.html").read_text(), re.S).group()


def cells(image):
    """The matrix, a palette PNG of one pixel a cell, as squares: librsvg would blur it."""
    x, y, width, height = (float(re.search(rf' {key}="([^"]+)"', image).group(1))
                           for key in ("x", "y", "width", "height"))
    png, chunks = base64.b64decode(re.search(r"base64,([^\"]+)", image).group(1)), {}
    at = 8
    while at < len(png):
        (size,) = struct.unpack(">I", png[at : at + 4])
        chunks[png[at + 4 : at + 8]] = png[at + 8 : at + 8 + size]
        at += size + 12
    columns, rows = struct.unpack(">II", chunks[b"IHDR"][:8])
    palette, data = chunks[b"PLTE"], zlib.decompress(chunks[b"IDAT"])
    for i in range(rows):
        for j in range(columns):
            k = data[i * (columns + 1) + 1 + j]
            yield (f'<rect x="{x + j * width / columns}" y="{y + i * height / rows}" width="{width / columns}" '
                   f'height="{height / rows}" fill="#{palette[3 * k : 3 * k + 3].hex()}"/>')


svg = re.sub(r"<image .*?/>", lambda m: "".join(cells(m.group())), svg, flags=re.S)
style = "text{fill:#1c1f23;font-family:sans-serif}.tree,.axis{fill:none;stroke:#6b7280}.missing{fill:none}"
svg = svg.replace("var(--muted)", "#6b7280").replace(">", f"><style>{style}</style>", 1)
svg = svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
subprocess.run(["rsvg-convert", "--width", "560", "--background-color", "white", "--output", root / "docs/demo.png"],
               input=svg.encode(), check=True)
