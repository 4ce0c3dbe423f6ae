#include <kindred/io.hpp>

#include <algorithm>
#include <new>
#include <optional>
#include <set>
#include <utility>

#include "host/io/array.hpp"
#include "host/io/collection.hpp"
#include "host/io/save.hpp"
#include "host/io/strings.hpp"

namespace kindred {
namespace {

/// Operator `item` of a stack (or the array itself, if it has two axes), as float64 in C order.
Operator operator_of(const io::Array& array, index_t item, std::string name) {
  const std::size_t row_axis = array.shape.size() - 2, column_axis = row_axis + 1;
  const index_t size = array.shape[row_axis];
  const index_t first = row_axis == 1 ? item * array.strides[0] : 0;
  Operator op;
  op.name = std::move(name);
  op.size = size;
  op.facts.rank = size;
  op.values.reserve(static_cast<std::size_t>(size * size));
  std::visit(
      [&](const auto* values) {
        for (index_t i = 0; i < size; ++i) {
          for (index_t j = 0; j < size; ++j) {
            op.values.push_back(values[first + i * array.strides[row_axis] + j * array.strides[column_axis]]);
          }
        }
      },
      array.values);
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

/// Reads the input matrix of an operator, r x m.
void set_inputs(Operator& op, const io::ArrayRef& ref) {
  const io::Array array = io::to_array(ref);
  if (array.shape.size() != 2 || array.shape[0] != op.size) {
    host::fail(ErrorCode::invalid_data, array.origin, ": has shape ", host::shape_text(array.shape),
               ", expected the input matrix of operator '", host::printable(op.name), "', with ", op.size, " rows");
  }
  op.inputs = array.shape[1];
  std::visit(
      [&](const auto* values) {
        for (index_t i = 0; i < op.size; ++i) {
          for (index_t j = 0; j < op.inputs; ++j) {
            op.input_matrix.push_back(values[i * array.strides[0] + j * array.strides[1]]);
          }
        }
      },
      array.values);
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

const std::string inputs_ending = ".B";  ///< of the array that holds the input matrix of an operator

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

/// An operator that is called "a.B" beside one called "a" would be read as the input matrix of that.
void require_own_names(const OperatorSet& operators, const std::string& origin) {
  std::set<std::string_view> names;
  for (const Operator& op : operators) names.insert(op.name);
  for (const Operator& op : operators) {
    if (!op.name.ends_with(inputs_ending) || names.count(stem_of(op.name)) == 0) continue;
    host::fail(ErrorCode::invalid_argument, origin, ": operator '", host::printable(op.name),
               "' is called as the input matrix of '", host::printable(stem_of(op.name)), "' is in a .npz; rename it");
  }
}

OperatorSet load_arrays(const std::string& path) {
  io::Files files;
  std::error_code error;
  const auto result = std::filesystem::is_regular_file(path, error) ? files.results.find(path) : std::nullopt;
  if (result && result->command != "fit") {
    host::fail(ErrorCode::invalid_data, host::printable(path), ": holds results of kindred, not operators (",
               host::printable(result->sidecar.string()), " lists it)");
  }
  const auto& arrays = files.arrays(path);
  const std::string stem = host::printable(std::filesystem::path(path).stem().string());
  if (!arrays.front().named()) return stack_of(arrays.front(), nullptr, stem);

  const io::ArrayRef* stack = find_named(arrays, "operators");
  if (stack != nullptr && stack->header().shape.size() == 3) {
    return stack_of(*stack, find_named(arrays, "names"), stem);
  }
  OperatorSet operators;
  for (const io::ArrayRef& ref : arrays) {
    const std::string name = ref.short_name();
    if (name.ends_with(inputs_ending) && find_named(arrays, stem_of(name)) != nullptr) continue;
    Operator& op = operators.emplace_back(operator_of(square_array(ref, 2), 0, name));
    if (const auto* inputs = find_named(arrays, name + inputs_ending)) set_inputs(op, *inputs);
  }
  return operators;
}

}  // namespace

OperatorSet load_operators(const std::string& path) {
  try {
    OperatorSet operators = load_arrays(path);
    require_different_names(operators, host::printable(path));
    return operators;
  } catch (const std::bad_alloc&) {
    host::fail(ErrorCode::out_of_memory, host::printable(path), ": not enough memory to hold its arrays");
  }
}

void io::write_operators(AtomicFile& file, const OperatorSet& operators) {
  const std::string origin = host::printable(file.path().string());
  if (operators.empty()) host::fail(ErrorCode::invalid_argument, origin, ": there are no operators to write");
  const std::string ending = ending_of(file.path());
  if (ending == ".npz" || (file.is_stream() && ending != ".npy")) {
    std::vector<NpzArray> arrays;
    for (const Operator& op : operators) {
      arrays.push_back({op.name, {op.size, op.size}, op.values.data()});
      if (op.inputs > 0) arrays.push_back({op.name + inputs_ending, {op.size, op.inputs}, op.input_matrix.data()});
    }
    require_own_names(operators, origin);
    write_npz(file, arrays);
    return;
  }
  if (ending != ".npy") {
    host::fail(ErrorCode::invalid_argument, origin,
               ": operators are written as .npz (one array each) or .npy (a stack)");
  }
  std::vector<double> stack;
  for (const Operator& op : operators) {
    if (op.inputs > 0) {
      host::fail(ErrorCode::invalid_argument, origin, ": operator '", host::printable(op.name),
                 "' has an input matrix, for which a .npy has no place; write a .npz");
    }
    if (op.size != operators.front().size) {
      host::fail(ErrorCode::invalid_argument, origin, ": operators of ", operators.front().size, " and of ", op.size,
                 " rows do not stack; write a .npz");
    }
    stack.insert(stack.end(), op.values.begin(), op.values.end());
  }
  const auto count = static_cast<index_t>(operators.size());
  write_npy(file, {count, operators.front().size, operators.front().size}, stack.data());
}

void save_operators(const std::filesystem::path& path, const OperatorSet& operators) {
  io::AtomicFile file(path);
  io::write_operators(file, operators);
  file.commit();
}

}  // namespace kindred
