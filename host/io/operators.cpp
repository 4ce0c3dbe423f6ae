#include <kindred/io.hpp>

#include <algorithm>
#include <complex>
#include <new>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include "host/io/array.hpp"
#include "host/io/collection.hpp"
#include "host/io/formats/npy.hpp"
#include "host/io/formats/zip.hpp"
#include "host/io/save.hpp"
#include "host/io/strings.hpp"

namespace kindred {
namespace {

/// The last two axes of an array, of item `item` if it has three, as float64 in C order.
std::vector<double> matrix_of(const io::Array& array, index_t item) {
  const std::size_t row_axis = array.shape.size() - 2, column_axis = row_axis + 1;
  const index_t first = row_axis == 1 ? item * array.strides[0] : 0;
  std::vector<double> out;
  out.reserve(static_cast<std::size_t>(array.shape[row_axis] * array.shape[column_axis]));
  std::visit(
      [&](const auto* values) {
        for (index_t i = 0; i < array.shape[row_axis]; ++i) {
          for (index_t j = 0; j < array.shape[column_axis]; ++j) {
            out.push_back(values[first + i * array.strides[row_axis] + j * array.strides[column_axis]]);
          }
        }
      },
      array.values);
  return out;
}

/// Operator `item` of a stack (or the array itself, if it has two axes), as float64 in C order.
Operator operator_of(const io::Array& array, index_t item, std::string name) {
  Operator op;
  op.name = std::move(name);
  op.size = array.shape.back();
  op.facts.rank = op.size;
  op.values = matrix_of(array, item);
  return op;
}

io::Array square_array(const io::ArrayRef& ref, std::size_t most_axes) {
  io::Array array = io::to_array(ref);
  const auto& shape = array.shape;
  if (shape.size() < 2 || shape.size() > most_axes || shape[shape.size() - 2] != shape.back()) {
    host::fail(ErrorCode::invalid_data, array.origin, ": has shape ", host::shape_text(shape), ", expected ",
               most_axes == 3 ? "operators: r x r or N x r x r" : "an operator: r x r");
  }
  return array;
}

/// Whether the array is a spectrum: complex numbers, or a vector of real ones. MATLAB's vectors have two axes.
bool is_spectrum(const io::ArrayRef& ref) {
  if (io::is_complex(ref)) return true;
  const io::NpyHeader header = ref.header();
  if (header.shape.size() == 1) return true;
  const bool of_matlab = ref.stored && header.fortran_order && header.shape.size() == 2;
  return of_matlab && header.shape[0] != header.shape[1] && std::min(header.shape[0], header.shape[1]) == 1;
}

/// A system that is known by its eigenvalues alone.
Operator spectrum_of(const io::ArrayRef& ref, const std::string& name) {
  const auto shape = ref.header().shape;
  if (std::count_if(shape.begin(), shape.end(), [](index_t n) { return n > 1; }) > 1) {
    host::fail(ErrorCode::invalid_data, ref.origin(), ": has shape ", host::shape_text(shape),
               " of complex numbers, expected a vector of eigenvalues, an array a system, or real operators");
  }
  std::vector<std::complex<double>> eigenvalues;
  if (io::is_complex(ref)) {
    eigenvalues = io::to_complex(ref);
  } else {
    std::visit([&](const auto* x) { eigenvalues.assign(x, x + io::element_count(shape)); }, io::to_array(ref).values);
  }
  try {
    return operator_with_spectrum(name, eigenvalues);
  } catch (const Error& error) {
    host::fail(error.code(), ref.origin(), ": ", error.what());
  }
}

/// Reads the input matrices (r x m) or output matrices (c x r) of some operators: an array of two axes for one, else a
/// stack.
void set_beside(std::span<Operator> operators, bool inputs, const io::ArrayRef& ref, bool stacked) {
  const io::Array array = io::to_array(ref);
  const auto& shape = array.shape;
  const std::size_t axis = shape.size() - (inputs ? 2 : 1);  // the one that is the operators' size
  const bool fits = shape.size() == (stacked ? 3U : 2U) && shape[axis] == operators.front().size &&
                    (!stacked || shape[0] == std::ssize(operators));
  if (!fits) {
    const char* what = inputs ? "the input " : "the output ";
    const std::string whose = stacked ? "matrices of " + std::to_string(operators.size()) + " operators"
                                      : "matrix of operator '" + host::printable(operators.front().name) + "'";
    host::fail(ErrorCode::invalid_data, array.origin, ": has shape ", host::shape_text(shape), ", expected ", what,
               whose, ", with ", operators.front().size, inputs ? " rows" : " columns");
  }
  for (std::size_t k = 0; k < operators.size(); ++k) {
    Operator& op = operators[k];
    (inputs ? op.inputs : op.outputs) = shape[inputs ? shape.size() - 1 : shape.size() - 2];
    (inputs ? op.input_matrix : op.output_matrix) = matrix_of(array, static_cast<index_t>(k));
  }
}

/// The stack's names from the string array `ref`, which must have as many.
std::vector<std::string> names_of(const io::ArrayRef& ref, std::size_t count) {
  auto names = io::to_strings(ref.read());
  if (names.size() != count) {
    host::fail(ErrorCode::invalid_data, ref.origin(), ": has ", names.size(), " names for ", count, " operators");
  }
  return names;
}

OperatorSet stack_of(const io::ArrayRef& ref, const io::ArrayRef* names_ref, const std::string& stem) {
  const io::Array array = square_array(ref, 3);
  if (array.shape.size() == 2) return {operator_of(array, 0, stem)};
  const index_t count = array.shape[0];
  std::vector<std::string> names;
  if (names_ref != nullptr) names = names_of(*names_ref, static_cast<std::size_t>(count));
  OperatorSet operators;
  for (index_t k = 0; k < count; ++k) {
    operators.push_back(
        operator_of(array, k, names_ref != nullptr ? std::move(names[k]) : stem + "[" + std::to_string(k) + "]"));
  }
  return operators;
}

/// Of the arrays that hold the input and the output matrix of an operator.
const std::string inputs_ending = ".B", outputs_ending = ".C";

bool is_beside(const std::string& name) { return name.ends_with(inputs_ending) || name.ends_with(outputs_ending); }

/// "a" of "a.B".
std::string stem_of(const std::string& name) { return name.substr(0, name.size() - inputs_ending.size()); }

const io::ArrayRef* find_named(const std::vector<io::ArrayRef>& arrays, const std::string& name) {
  const auto found = std::find_if(arrays.begin(), arrays.end(), [&](const auto& a) { return a.short_name() == name; });
  return found == arrays.end() ? nullptr : &*found;
}

void require_different_names(const OperatorSet& operators, const std::string& origin) {
  std::set<std::string_view> names;
  for (const Operator& op : operators) {
    if (!names.insert(op.name).second) {
      host::fail(ErrorCode::invalid_argument, origin, ": two operators are called '", host::printable(op.name), "'");
    }
  }
}

/// Vectors beside matrices are more often something else than spectra.
void require_one_kind(const OperatorSet& operators, const std::string& origin) {
  const auto spectrum = std::find_if(operators.begin(), operators.end(), has_spectrum_alone),
             matrix = std::find_if_not(operators.begin(), operators.end(), has_spectrum_alone);
  if (spectrum == operators.end() || matrix == operators.end()) return;
  host::fail(ErrorCode::invalid_data, origin, ": '", host::printable(spectrum->name),
             "' is a vector, expected r x r as '", host::printable(matrix->name),
             "'; spectra, a vector of eigenvalues a system, go to a file of their own");
}

/// An operator that is called "a.B" beside one called "a" would be read as the input matrix of that, "a.C" as its
/// output matrix.
void require_own_names(const OperatorSet& operators, const std::string& origin) {
  std::set<std::string_view> names;
  for (const Operator& op : operators) names.insert(op.name);
  for (const Operator& op : operators) {
    if (!is_beside(op.name) || names.count(stem_of(op.name)) == 0) continue;
    host::fail(ErrorCode::invalid_argument, origin, ": operator '", host::printable(op.name), "' is called as the ",
               op.name.ends_with(inputs_ending) ? "input" : "output", " matrix of '", host::printable(stem_of(op.name)),
               "' is in a .npz; rename it");
  }
}

OperatorSet load_arrays(const std::string& path) {
  io::Files files;
  const io::FileSpec spec = io::split_array(path);
  std::error_code error;
  const auto result = std::filesystem::is_regular_file(spec.file, error) ? files.results.find(spec.file) : std::nullopt;
  if (result && result->command != "fit") {
    host::fail(ErrorCode::invalid_data, host::printable(path), ": holds results of kindred, not operators (",
               host::printable(result->sidecar.string()), " lists it)");
  }
  const auto arrays = io::arrays_named(files.arrays(spec.file), spec.array);
  const std::string stem = host::printable(spec.file.stem().string());
  if (!arrays.front().named()) {
    const io::ArrayRef& one = arrays.front();
    return is_spectrum(one) ? OperatorSet{spectrum_of(one, stem)} : stack_of(one, nullptr, stem);
  }

  const io::ArrayRef* stack = find_named(arrays, "operators");
  if (stack != nullptr && stack->header().shape.size() == 3) {
    OperatorSet operators = stack_of(*stack, find_named(arrays, "names"), stem);
    if (const auto* b = find_named(arrays, "operators" + inputs_ending)) set_beside(operators, true, *b, true);
    if (const auto* c = find_named(arrays, "operators" + outputs_ending)) set_beside(operators, false, *c, true);
    return operators;
  }
  OperatorSet operators;
  for (const io::ArrayRef& ref : arrays) {
    const std::string name = ref.short_name();
    if (is_beside(name) && find_named(arrays, stem_of(name)) != nullptr) continue;
    if (is_spectrum(ref)) {
      operators.push_back(spectrum_of(ref, name));
      continue;
    }
    Operator& op = operators.emplace_back(operator_of(square_array(ref, 2), 0, name));
    const std::span<Operator> one(&op, 1);
    if (const auto* b = find_named(arrays, name + inputs_ending)) set_beside(one, true, *b, false);
    if (const auto* c = find_named(arrays, name + outputs_ending)) set_beside(one, false, *c, false);
  }
  return operators;
}

}  // namespace

OperatorSet load_operators(const std::string& path) {
  try {
    OperatorSet operators = load_arrays(path);
    require_different_names(operators, host::printable(path));
    require_one_kind(operators, host::printable(path));
    return operators;
  } catch (const std::bad_alloc&) {
    host::fail(ErrorCode::out_of_memory, host::printable(path), ": not enough memory to hold its arrays");
  }
}

namespace {

/// Throws where an operator is of another shape than the first.
void require_one_shape(const OperatorSet& operators, const std::string& origin) {
  const Operator& first = operators.front();
  for (const Operator& op : operators) {
    const bool same = op.size == first.size && op.inputs == first.inputs && op.outputs == first.outputs;
    if (same) continue;
    const auto shape = [](const Operator& a) {
      return "'" + host::printable(a.name) + "' (" + std::to_string(a.size) + " rows, " + std::to_string(a.inputs) +
             " inputs, " + std::to_string(a.outputs) + " outputs)";
    };
    host::fail(ErrorCode::invalid_argument, origin, ": operators ", shape(first), " and ", shape(op),
               " do not stack; write a .npz with an array each");
  }
}

/// The matrices of all operators, one behind the other.
std::vector<double> joined(const OperatorSet& operators, std::vector<double> Operator::*matrix) {
  std::vector<double> out;
  for (const Operator& op : operators) out.insert(out.end(), (op.*matrix).begin(), (op.*matrix).end());
  return out;
}

/// A .npz of `operators`, their names, and B and C beside them.
void write_stacked(io::AtomicFile& file, const OperatorSet& operators) {
  std::vector<std::string> names;
  for (const Operator& op : operators) names.push_back(op.name);
  const index_t count = std::ssize(operators), r = operators.front().size;
  io::ZipWriter zip(file, /*deflate=*/false);
  const auto add = [&](const std::string& name, const std::string& header, const auto& values) {
    zip.add(name + ".npy", std::as_bytes(std::span(header)), std::as_bytes(std::span(values)));
  };
  const auto add_matrices = [&](const std::string& name, std::vector<double> Operator::*matrix, index_t rows,
                                index_t columns) {
    if (rows > 0 && columns > 0)
      add(name, io::npy_header(sizeof(double), {count, rows, columns}), joined(operators, matrix));
  };
  add_matrices("operators", &Operator::values, r, r);
  add_matrices("operators" + inputs_ending, &Operator::input_matrix, r, operators.front().inputs);
  add_matrices("operators" + outputs_ending, &Operator::output_matrix, operators.front().outputs, r);
  const io::StringArray text = io::from_strings(names);
  add("names", text.header, text.characters);
  zip.finish();
}

}  // namespace

void io::write_operators(AtomicFile& file, const OperatorSet& operators, OperatorArrays layout) {
  const std::string origin = host::printable(file.path().string());
  if (operators.empty()) host::fail(ErrorCode::invalid_argument, origin, ": there are no operators to write");
  for (const Operator& op : operators) {
    if (!has_spectrum_alone(op)) continue;
    host::fail(ErrorCode::invalid_argument, origin, ": system '", host::printable(op.name),
               "' is given by its eigenvalues alone; there is no operator to write");
  }
  const std::string ending = ending_of(file.path());
  if (ending == ".npz" || (file.is_stream() && ending != ".npy")) {
    if (layout == OperatorArrays::stacked) {
      require_one_shape(operators, origin);
      require_different_names(operators, origin);
      write_stacked(file, operators);
      return;
    }
    std::vector<NpzArray> arrays;
    for (const Operator& op : operators) {
      arrays.push_back({op.name, {op.size, op.size}, op.values.data()});
      if (op.inputs > 0) arrays.push_back({op.name + inputs_ending, {op.size, op.inputs}, op.input_matrix.data()});
      if (op.outputs > 0) arrays.push_back({op.name + outputs_ending, {op.outputs, op.size}, op.output_matrix.data()});
    }
    require_own_names(operators, origin);
    write_npz(file, arrays);
    return;
  }
  if (ending != ".npy") {
    host::fail(ErrorCode::invalid_argument, origin,
               ": operators are written as .npz (one array each) or .npy (a stack)");
  }
  for (const Operator& op : operators) {
    if (op.inputs > 0 || op.outputs > 0) {
      host::fail(ErrorCode::invalid_argument, origin, ": operator '", host::printable(op.name), "' has an ",
                 op.inputs > 0 ? "input" : "output", " matrix, for which a .npy has no place; write a .npz");
    }
  }
  require_one_shape(operators, origin);
  const auto count = static_cast<index_t>(operators.size());
  write_npy(file, {count, operators.front().size, operators.front().size}, joined(operators, &Operator::values).data());
}

void save_operators(const std::filesystem::path& path, const OperatorSet& operators, OperatorArrays arrays) {
  io::AtomicFile file(path);
  io::write_operators(file, operators, arrays);
  file.commit();
}

}  // namespace kindred
