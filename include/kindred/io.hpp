#pragma once
#include <kindred/dmd.hpp>
#include <kindred/error.hpp>
#include <kindred/export.hpp>
#include <kindred/trajectories.hpp>

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace kindred {

/// Order of the axes of an array on disk, slowest axis of a C-order array first.
enum class Layout {
  automatic,             ///< "auto": 2-D is time,channels; 3-D is trials,time,channels
  time_channels,         ///< "time,channels"
  channels_time,         ///< "channels,time"
  trials_time_channels,  ///< "trials,time,channels"
  trials_channels_time,  ///< "trials,channels,time"
  time_trials_channels,  ///< "time,trials,channels"
  time_channels_trials,  ///< "time,channels,trials"
  channels_time_trials,  ///< "channels,time,trials"
  channels_trials_time,  ///< "channels,trials,time"
};

/// The name of a layout as written beside each value above.
[[nodiscard]] KINDRED_EXPORT std::string_view layout_name(Layout layout);
/// Inverse of layout_name, whatever the case and spaces ("Channels, Time"); throws Error{invalid_argument} that lists
/// the names.
[[nodiscard]] KINDRED_EXPORT Layout parse_layout(std::string_view name);

/// What the arrays of one .npz, HDF5 or MATLAB file, or of one group of it, are.
enum class NpzArrays {
  systems,  ///< "systems": each array is one system
  trials,   ///< "trials": all arrays are trials of one system
};

/// Throws Error{invalid_argument} for anything but "systems" and "trials".
[[nodiscard]] KINDRED_EXPORT NpzArrays parse_npz_arrays(std::string_view name);

struct LoadOptions {
  Layout layout = Layout::automatic;
  NpzArrays npz = NpzArrays::systems;
};

/// Loads systems, in the order of `paths`. Each path is one of
///   - a .npy file: one system;
///   - a .npz file: its arrays in the order they are stored, as `options.npz` says; "x.npz:rates" is one array of it;
///   - an HDF5 file (.h5, .nwb, MATLAB 7.3, GNU Octave): its datasets at any depth, bytewise by path, likewise;
///     "x.h5:/group/rates" is one dataset, "x.h5:/group" those of a group;
///   - a MATLAB file of version 4 to 7: its variables likewise; "x.mat:rates" is one of them, "x.mat:s.rates" a field
///     of a structure. The elements of a cell array are trials of one system, whatever `options.npz` says, and so are
///     all s(k).rates of an array of structures;
///   - a folder: its .npy and .npz files, or, where it has none, its .h5, .hdf5, .nwb and .mat files, sorted bytewise
///     by name (without sub-folders, hidden files, and results of kindred, which the JSON beside them lists);
///   - a glob pattern, where no file has that very name: what it matches, sorted bytewise, without results of kindred;
///   - a .json manifest (docs/formats.md): systems made of several files, with names and group labels.
/// Arrays are float32 or float64, 2-D (one trial) or 3-D, in either byte order and in C or Fortran order; those of HDF5
/// and MATLAB files may also be other real types, which become float64 (float16 becomes float32).
/// Views lie on the mapped file; an array is copied only if it is compressed, in chunks, converted or misaligned.
/// A mapped file must not be shortened while its views are in use.
///
/// Names: the file's stem, or the array's name in a .npz ("stem/array" when several files are loaded); where two
/// systems would be called the same, parent folders are put before both.
/// Throws Error{io} (missing, truncated, malformed), Error{invalid_data} (type, shape, a result of kindred) naming
/// file, array and value, or Error{cancelled} if a signal that the program handles comes while a pipe is waited for.
/// Values are not looked at: the Engine does that.
[[nodiscard]] KINDRED_EXPORT std::vector<TrajectorySet> load(const std::vector<std::string>& paths,
                                                             const LoadOptions& options = {});

/// Gives system i the trials of inputs[i] as its inputs (TrajectorySet::inputs). Throws Error{invalid_data} that names
/// both where numbers of systems or trials, or the steps of a trial, differ.
KINDRED_EXPORT void add_inputs(std::vector<TrajectorySet>& systems, const std::vector<TrajectorySet>& inputs);

/// Same, for .npy files only: one system a file.
[[nodiscard]] KINDRED_EXPORT std::vector<TrajectorySet> load_npy(const std::vector<std::string>& paths,
                                                                 Layout layout = Layout::automatic);

/// How one array was understood, for people.
struct ArrayInfo {
  std::string file;
  std::string array;       ///< name inside a .npz, HDF5 or MATLAB file, else empty
  std::string system;      ///< the system it belongs to
  std::string label;       ///< the system's group label, if a manifest gives one
  std::string dtype;       ///< "float64", "int32", "object", ...
  std::string byte_order;  ///< "little-endian", "big-endian", or empty where it has no meaning
  std::string order;       ///< "C" or "Fortran"
  std::string storage;     ///< "mapped" (read in place) or "copied" and why
  std::vector<index_t> shape;
  std::vector<std::string> axes;  ///< what each axis was taken to be: "trials", "time", "channels"
  index_t trials = 0;
  index_t steps = 0;
  index_t channels = 0;
  std::string remark;   ///< a guess that the shape alone does not settle; empty if there is none
  std::string problem;  ///< why `load` refuses this array or file; empty if it does not
  ErrorCode code{};     ///< of that refusal
};

/// What `load({path}, options)` would find, array by array, without reading the values. Throws only if the path leads
/// to no file at all; everything wrong inside a file is reported in ArrayInfo::problem.
[[nodiscard]] KINDRED_EXPORT std::vector<ArrayInfo> describe(const std::string& path, const LoadOptions& options = {});

/// Fields of Dmd that a manifest gives one system, for set_field (kindred/metric_fields.hpp): {"delays", "33"}.
using FitFields = std::vector<std::pair<std::string, std::string>>;

/// Recordings with what is worth knowing of how they were read.
struct Loaded {
  std::vector<TrajectorySet> systems;
  std::vector<FitFields> fits;        ///< of each system, what a manifest says of its fit
  std::vector<ArrayInfo> arrays;      ///< of all systems, in their order
  std::vector<std::string> left_out;  ///< results of kindred to which a folder or a pattern led
  std::vector<std::string> files;  ///< all that was read: of manifests, the recordings and inputs that they name, too
};

/// `load` and `describe` in one, which opens every file once.
[[nodiscard]] KINDRED_EXPORT Loaded load_described(const std::vector<std::string>& paths,
                                                   const LoadOptions& options = {});

/// The command of kindred that wrote this file ("pairwise", "cross", "fit"), as a JSON in its folder says; empty if
/// none does.
[[nodiscard]] KINDRED_EXPORT std::string written_by(const std::string& path);

/// Loads operators (float32 or float64):
///   - .npy, r x r: one operator, named after the file; N x r x r: N operators "stem[0]", "stem[1]", ...;
///   - .npz with one r x r array an operator, named as the arrays are (sizes may differ);
///     (an array "NAME.B", r x m, beside "NAME" is that operator's input matrix);
///   - .npz with an N x r x r array `operators` and, if wanted, a string array `names` of N names (and "operators.B",
///     N x r x m, and "operators.C", N x c x r, of all of them);
///   - in place of matrices, spectra (operator_with_spectrum): a .npy with a vector of eigenvalues, or a .npz, HDF5 or
///     MATLAB file with one a system, complex or, where all are real, real.
/// Matrices may lie in HDF5 and MATLAB files too, one a dataset or variable. "x.h5:/group", "x.npz:name" are as in
/// load. Throws Error{io} / Error{invalid_data} naming file, array and value; invalid_data also for distances of
/// kindred.
[[nodiscard]] KINDRED_EXPORT OperatorSet load_operators(const std::string& path);

/// How operators lie in a .npz.
enum class OperatorArrays {
  each,     ///< an r x r array an operator, named after it, with "NAME.B" and "NAME.C" beside it
  stacked,  ///< `operators` (N x r x r) with `names`, "operators.B" and "operators.C"; all must be of one shape
};

/// Writes operators as float64: .npz, by their names, which must differ, or .npy (N x r x r; sizes must agree, and
/// there is no place for inputs and names). Atomic, as save_npy. Throws Error{invalid_argument} that names the
/// operators which do not stack.
KINDRED_EXPORT void save_operators(const std::filesystem::path& path, const OperatorSet& operators,
                                   OperatorArrays arrays = OperatorArrays::each);

/// Writes a C-order array, atomically: a temporary file in the same folder, synced, then renamed over `path`. If
/// anything fails (Error{io}), what was at `path` before is untouched and no temporary is left.
KINDRED_EXPORT void save_npy(const std::filesystem::path& path, const std::vector<index_t>& shape,
                             const double* values);
KINDRED_EXPORT void save_npy(const std::filesystem::path& path, const std::vector<index_t>& shape, const float* values);

enum class NpzCompression { stored, deflated };

/// One C-order array of a .npz.
struct NpzArray {
  std::string name;
  std::vector<index_t> shape;
  std::variant<const float*, const double*> values;
};

/// Writes a .npz, atomically as save_npy. Stored arrays are aligned in the file, so that reading maps them in place.
/// Throws Error{invalid_argument} if two arrays have one name.
KINDRED_EXPORT void save_npz(const std::filesystem::path& path, const std::vector<NpzArray>& arrays,
                             NpzCompression compression = NpzCompression::stored);

}  // namespace kindred
