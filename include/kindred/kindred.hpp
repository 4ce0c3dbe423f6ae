#pragma once
/// Everything a program that embeds kindred needs.
#include <kindred/device.hpp>
#include <kindred/dmd.hpp>
#include <kindred/engine.hpp>
#include <kindred/error.hpp>
#include <kindred/io.hpp>
#include <kindred/journal.hpp>
#include <kindred/metric_names.hpp>
#include <kindred/metrics.hpp>
#include <kindred/pairs.hpp>
#include <kindred/preprocess.hpp>
#include <kindred/results.hpp>
#include <kindred/simulate.hpp>
#include <kindred/train.hpp>
#include <kindred/trajectories.hpp>
#include <kindred/types.hpp>
#include <kindred/version.hpp>
