#!/usr/bin/env python3
"""The verdict of every metric on every case, as Markdown tables, from what `kindred testcase --json` printed.

    kindred testcase regimes --seeds 20 --metric all --json > regimes.json          (and the other cases)
    bench/testcases/verdicts.py regimes.json motifs.json noise.json relations.json > tables.md

A cell of a separation or a trend: the verdict, the figure with its standard error over seeds, and in how many seeds the
groups' means lay in the expected order. The verdict is the library's (`kindred::testcase::verdict`): yes from 95 % of
the seeds, no up to half of them, unsure between; `(p)` behind it says that the permutation test finds no effect at
q = 0.05. A cell of a relation: the verdict and the mean distances of the same system and of the different one. `study`,
which differs from `regimes` and `motifs` in its settings alone, has a line a setting.
"""

import argparse
import json
import math


def verdict(metric, seeds):
    if 20 * metric["ordered_seeds"] >= 19 * seeds:
        return "yes"
    return "**no**" if 2 * metric["ordered_seeds"] <= seeds else "unsure"


def number(x):
    if x is None:
        return "-"
    return f"{x:.1e}".replace("e-0", "e-").replace("e+0", "e") if 0 < abs(x) < 1e-3 or abs(x) >= 1e4 else f"{x:.3g}"


def spread(figure, scale=1, digits=2, sign=""):
    """Mean and standard error, with as many digits (up to 4) as the error's first."""
    mean, error = figure["mean"], figure["standard_error"]
    if mean is None:
        return "-"
    if error:
        digits = min(4, max(digits, math.ceil(-math.log10(scale * error))))
    shown = f"{scale * mean:{sign}.{digits}f}"
    return shown if error is None else f"{shown} ± {scale * error:.{digits}f}"


def told(view, metric, seeds):
    """The cell of a separation or a trend."""
    if view["question"] == "separation":
        figure = f"{spread(metric['ratio'])}, {metric['auc']['mean']:.2f}"
    else:
        figure = spread(metric["relative_change"], 100, 0, "+") + " %"
    weak = "" if metric["q"] is not None and metric["q"] <= 0.05 else " (p)"
    return f"{verdict(metric, seeds)}{weak}: {figure}; {metric['ordered_seeds']}"


def related(_, metric, seeds):
    """The cell of a relation."""
    same, different = (number(group["distance"]["mean"]) for group in metric["groups"])
    return f"{verdict(metric, seeds)}: {same} : {different}"


def table(case):
    seeds = len(case["seeds"])
    cell = related if case["name"] == "relations" else told
    views = case["views"]
    lines = [f"| metric | {' | '.join(view['name'] for view in views)} |", "|---" * (len(views) + 1) + "|"]
    for metrics in zip(*(view["metrics"] for view in views)):
        cells = [cell(view, metric, seeds) for view, metric in zip(views, metrics)]
        # What no setting changes is said once.
        unchanged = [k > 0 and cells[k] in cells[:k] and views[k]["question"] == "separation"
                     for k in range(len(cells))]
        shown = ["the same" if u else c for c, u in zip(cells, unchanged)]
        lines.append(f"| {metrics[0]['metric']} | {' | '.join(shown)} |")
    return "\n".join(lines)


def table_of_settings(case):
    """A study: a line a setting, a column a metric."""
    seeds, views = len(case["seeds"]), case["views"]
    metrics = [m["metric"] for m in views[0]["metrics"]]
    lines = [f"| setting | {' | '.join(metrics)} |", "|---" * (len(metrics) + 1) + "|"]
    for view in views:
        setting = view["name"].split("; ")[-1]
        lines.append(f"| {setting} | {' | '.join(told(view, metric, seeds) for metric in view['metrics'])} |")
    return "\n".join(lines)


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("files", nargs="+", help="what testcase --json printed")
    for file in p.parse_args().files:
        with open(file, encoding="utf-8") as text:
            for case in json.load(text)["cases"]:
                lines = table_of_settings(case) if case["name"].endswith("-study") else table(case)
                print(f"## {case['title']}, {len(case['seeds'])} seeds\n\n{lines}\n")


if __name__ == "__main__":
    main()
