/// One instruction set's loops: cmake/targets.cmake compiles this file once for every level.
#include "host/train/loops/mamba_loops.hpp"

namespace kindred::train {
inline namespace KINDRED_TARGET {

template <class T>
constexpr Loops<T> table{rnn_forward<T>, rnn_backward<T>,  softmax<T>,      norm_forward<T>,  norm_backward<T>,
                         convolve<T>,    convolve_back<T>, step_forward<T>, step_backward<T>, gate<T>,
                         gate_back<T>,   scan<T>,          scan_back<T>};

extern const Loops<float> float_loops;
extern const Loops<double> double_loops;
const Loops<float> float_loops = table<float>;
const Loops<double> double_loops = table<double>;

}  // namespace KINDRED_TARGET
}  // namespace kindred::train
