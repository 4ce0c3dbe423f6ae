#include <kindred/kindred.hpp>

#include <catch2/catch.hpp>

#include "tests/io/files.hpp"

using namespace kindred;
using Catch::Matchers::Contains;
using files::error_of;

namespace {

std::string stack(const std::vector<index_t>& shape, const std::string& descr = "<f8", bool fortran = false) {
  return files::npy(descr, fortran, shape, [](index_t i) { return static_cast<double>(i); });
}

/// A string array of 4-character items.
std::string strings(const std::vector<std::string>& items, bool wide, bool big_endian = false) {
  std::string data;
  for (const std::string& item : items) {
    for (std::size_t i = 0; i < 4; ++i) {
      std::string c = files::le(i < item.size() ? static_cast<unsigned char>(item[i]) : 0, wide ? 4 : 1);
      if (big_endian) std::reverse(c.begin(), c.end());
      data += c;
    }
  }
  const std::string descr = wide ? (big_endian ? ">U4" : "<U4") : "|S4";
  return files::npy(files::header(descr, false, {static_cast<index_t>(items.size())}), data);
}

}  // namespace

TEST_CASE("operators are read from stacks and from named arrays", "[io]") {
  const files::Folder folder;
  for (const bool fortran : {false, true}) {
    const auto ops = load_operators(folder.write("ops.npy", stack({3, 2, 2}, ">f4", fortran)));
    REQUIRE(ops.size() == 3);
    CHECK((ops[0].name == "ops[0]" && ops[2].name == "ops[2]"));
    CHECK((ops[2].size == 2 && ops[2].facts.rank == 2));
    CHECK(ops[2].values == std::vector<double>{8, 9, 10, 11});
  }
  const auto one = load_operators(folder.write("one.npy", stack({2, 2})));
  CHECK((one.size() == 1 && one[0].name == "one" && one[0](1, 0) == 2));

  const auto named =
      load_operators(folder.write("n.npz", files::zip({{"b.npy", stack({2, 2})}, {"a.npy", stack({3, 3}), true}})));
  REQUIRE(named.size() == 2);
  CHECK((named[0].name == "b" && named[1].name == "a" && named[1].size == 3 && named[1](2, 2) == 8));

  for (const auto& names : {strings({"ab", "c", "dddd"}, true), strings({"ab", "c", "dddd"}, true, true),
                            strings({"ab", "c", "dddd"}, false)}) {
    const auto ops = load_operators(folder.write(
        "s.npz", files::zip({{"names.npy", names}, {"operators.npy", stack({3, 2, 2})}, {"note.npy", stack({1})}})));
    REQUIRE(ops.size() == 3);
    CHECK((ops[0].name == "ab" && ops[1].name == "c" && ops[2].name == "dddd"));
  }
}

TEST_CASE("operators are written and read back to the bit", "[io]") {
  const files::Folder folder;
  OperatorSet ops(2);
  for (std::size_t k = 0; k < 2; ++k) {
    ops[k].name = "group/system " + std::to_string(k);
    ops[k].size = 2;
    ops[k].values = {0.1 + static_cast<double>(k), 1e-300, -3, 1e17};
  }
  for (const char* file : {"o.npz", "o.npy"}) {
    save_operators(folder / file, ops);
    const auto back = load_operators(folder / file);
    REQUIRE(back.size() == 2);
    for (std::size_t k = 0; k < 2; ++k) CHECK(back[k].values == ops[k].values);
  }
  CHECK(load_operators(folder / "o.npz")[1].name == "group/system 1");
  ops[1].size = 1, ops[1].values = {5};
  save_operators(folder / "o.npz", ops);
  CHECK(load_operators(folder / "o.npz")[1].size == 1);
  CHECK_THAT(error_of([&] { save_operators(folder / "o.npy", ops); }), Contains("write a .npz"));
  CHECK_THAT(error_of([&] { save_operators(folder / "o.txt", ops); }), Contains(".npz"));
  CHECK_THAT(error_of([&] { save_operators(folder / "o.npz", {}); }), Contains("no operators"));
  CHECK(load_operators(folder / "o.npy").size() == 2);  // what was there is untouched
}

TEST_CASE("what is no operator is refused", "[io]") {
  const files::Folder folder;
  const auto refused = [&](const std::string& name, const std::string& bytes) {
    return error_of([&] { (void)load_operators(folder.write(name, bytes)); });
  };
  CHECK_THAT(refused("a.npy", stack({2, 3})), Contains("2 x 3") && Contains("r x r"));
  CHECK_THAT(refused("a.npy", stack({2, 2, 2, 2})), Contains("r x r"));
  CHECK_THAT(refused("a.npy", stack({1, 1, 2, 2})), Contains("N x r x r"));
  CHECK_THAT(refused("a.npz", files::zip({{"x.npy", stack({3, 2, 2})}})), Contains("a.npz:x") && Contains("r x r"));
  CHECK_THAT(
      refused("a.npz", files::zip({{"operators.npy", stack({3, 2, 2})}, {"names.npy", strings({"a", "b"}, true)}})),
      Contains("2 names for 3 operators"));
  CHECK_THAT(
      refused("a.npz", files::zip({{"operators.npy", stack({2, 2, 2})}, {"names.npy", strings({"a", "a"}, true)}})),
      Contains("two operators are called 'a'"));
  CHECK_THAT(refused("a.npz", files::zip({{"operators.npy", stack({2, 2, 2})}, {"names.npy", stack({2})}})),
             Contains("a.npz:names") && Contains("strings"));
  CHECK_THAT(refused("a.npz", files::zip({{"operators.npy", stack({9, 2, 2})},
                                          {"names.npy", files::npy(files::header("<U999999999999", false, {9}), "")}})),
             Contains("not of strings"));
  CHECK_THAT(refused("a.txt", "text"), Contains("neither .npy, .npz, HDF5 nor MATLAB"));
  CHECK_THAT(error_of([&] { (void)load_operators(folder / "none.npy"); }), Contains("no such file"));
}

TEST_CASE("an operator's input matrix lies beside it", "[io][inputs]") {
  const files::Folder folder;
  Operator a, b;
  a.name = "a";
  a.size = 2;
  a.values = {1, 2, 3, 4};
  a.inputs = 3;
  a.input_matrix = {5, 6, 7, 8, 9, 10};
  b.name = "b";
  b.size = 1;
  b.values = {11};
  const auto path = folder / "ops.npz";
  save_operators(path, {a, b});
  const auto read = load_operators(path);
  REQUIRE(read.size() == 2);
  CHECK((read[0].name == "a" && read[0].inputs == 3 && read[0].input_matrix == a.input_matrix));
  CHECK((read[1].name == "b" && read[1].inputs == 0 && read[1].input_matrix.empty()));
  CHECK_THAT(error_of([&] {
               save_operators(folder / "ops.npy", {a, a});
             }),
             Contains("operator 'a' has an input matrix") && Contains(".npz"));
  b.name = "a.B";
  CHECK_THAT(error_of([&] { save_operators(path, {a, b}); }), Contains("'a.B'") && Contains("rename"));
  // Alone, such a name is that of an operator.
  save_operators(path, {b});
  CHECK(load_operators(path)[0].name == "a.B");
  const auto wrong = folder.write("w.npz", files::zip({{"x.npy", stack({2, 2})}, {"x.B.npy", stack({3, 2})}}));
  CHECK_THAT(error_of([&] { (void)load_operators(wrong); }),
             Contains("x.B") && Contains("3 x 2") && Contains("operator 'x', with 2 rows"));
}

TEST_CASE("stacks have input and output matrices of all operators beside them", "[io][inputs]") {
  const files::Folder folder;
  const auto path = folder.write("s.npz", files::zip({{"operators.npy", stack({3, 2, 2})},
                                                      {"operators.B.npy", stack({3, 2, 4})},
                                                      {"operators.C.npy", stack({3, 1, 2})}}));
  const auto read = load_operators(path);
  REQUIRE(read.size() == 3);
  CHECK((read[1].inputs == 4 && read[1].input_matrix == std::vector<double>{8, 9, 10, 11, 12, 13, 14, 15}));
  CHECK((read[2].outputs == 1 && read[2].output_matrix == std::vector<double>{4, 5}));
  // One array an operator, there and back.
  const auto again = folder / "again.npz";
  save_operators(again, read);
  CHECK(load_operators(again)[2].output_matrix == read[2].output_matrix);
  CHECK(load_operators(again)[2].input_matrix == read[2].input_matrix);
  for (const char* name : {"operators.B.npy", "operators.C.npy"}) {
    const auto wrong =
        folder.write("w.npz", files::zip({{"operators.npy", stack({3, 2, 2})}, {name, stack({2, 2, 2})}}));
    CHECK_THAT(error_of([&] { (void)load_operators(wrong); }), Contains("2 x 2 x 2") && Contains("of 3 operators"));
  }
}

TEST_CASE("operators of one shape are written as stacks, with names and matrices beside them", "[io][inputs]") {
  const files::Folder folder;
  OperatorSet ops(3);
  const std::vector<std::string> names = {"plain", "gr\u00f6\u00dfe \u03b1\U0001f600", "a.B"};
  for (std::size_t k = 0; k < 3; ++k) {
    const auto x = static_cast<double>(k);
    ops[k].name = names[k];
    ops[k].size = 2;
    ops[k].values = {0.1 + x, 1e-300, -3, 1e17};
    ops[k].inputs = 1;
    ops[k].input_matrix = {5 + x, 6};
    ops[k].outputs = 3;
    ops[k].output_matrix = {1, 2, 3, 4, 5, 6 + x};
  }
  const auto path = folder / "s.npz";
  save_operators(path, ops, OperatorArrays::stacked);
  const OperatorSet back = load_operators(path);
  REQUIRE(back.size() == 3);
  for (std::size_t k = 0; k < 3; ++k) {
    CHECK(back[k].name == names[k]);
    CHECK(back[k].values == ops[k].values);
    CHECK((back[k].inputs == 1 && back[k].input_matrix == ops[k].input_matrix));
    CHECK((back[k].outputs == 3 && back[k].output_matrix == ops[k].output_matrix));
  }
  for (Operator& op : ops) op.inputs = op.outputs = 0, op.input_matrix.clear(), op.output_matrix.clear();
  save_operators(path, ops, OperatorArrays::stacked);
  CHECK(load_operators(path)[2].inputs == 0);
  ops[1].inputs = 1;
  ops[1].input_matrix = {1, 2};
  CHECK_THAT(
      error_of([&] { save_operators(path, ops, OperatorArrays::stacked); }),
      Contains("'plain' (2 rows, 0 inputs, 0 outputs)") && Contains("do not stack; write a .npz with an array each"));
  CHECK(load_operators(path).size() == 3);  // what was there is untouched
}

TEST_CASE("spectra are read from vectors of complex or real numbers", "[io]") {
  const files::Folder folder;
  using Values = std::vector<std::complex<double>>;
  const auto values_of = [](const Operator& op) {
    Values out;
    for (const Eigenvalue& one : op.facts.spectrum) out.push_back(one.value);
    return out;
  };
  // Elements of two floats each: 0 + 1i, 2 + 3i.
  const auto vector = [](const std::string& part, const std::string& descr, const std::vector<index_t>& shape) {
    const std::string floats = stack({4}, part);
    return files::npy(files::header(descr, false, shape),
                      floats.substr(floats.size() - 4 * (part.back() == '4' ? 4 : 8)));
  };
  const Values two{{0, 1}, {2, 3}};
  for (const auto& [part, descr] : {std::pair("<f8", "<c16"), std::pair(">f8", ">c16"), std::pair("<f4", "<c8")}) {
    const auto one = load_operators(folder.write("net.npy", vector(part, descr, {2})));
    REQUIRE(one.size() == 1);
    CHECK((one[0].name == "net" && one[0].size == 2 && one[0].facts.rank == 2 && has_spectrum_alone(one[0])));
    CHECK(values_of(one[0]) == two);
  }
  const auto several = load_operators(folder.write("s.npz", files::zip({{"b.npy", vector("<f8", "<c16", {2, 1})},
                                                                        {"a.npy", stack({3})},
                                                                        {"c.npy", vector("<f8", "<c16", {2})}})));
  REQUIRE(several.size() == 3);
  CHECK((several[0].name == "b" && values_of(several[0]) == two));
  CHECK((several[1].name == "a" && values_of(several[1]) == Values{0, 1, 2}));
  CHECK(load_operators(folder / "s.npz:c").size() == 1);

  const auto refused = [&](const std::string& name, const std::string& bytes) {
    ErrorCode code{};
    const std::string path = folder.write(name, bytes);
    const std::string message = error_of([&] { (void)load_operators(path); }, &code);
    CHECK(code == ErrorCode::invalid_data);
    return message;
  };
  CHECK_THAT(refused("m.npy", files::npy(files::header("<c16", false, {2, 2}), std::string(64, '\0'))),
             Contains("has shape 2 x 2 of complex numbers, expected a vector of eigenvalues"));
  CHECK_THAT(refused("none.npz", files::zip({{"net.npy", vector("<f8", "<c16", {0})}})),
             Contains("none.npz:net: is empty"));
  const std::string nan = files::npy("<f8", false, {2}, [](index_t i) { return i == 0 ? 1 : std::nan(""); });
  CHECK_THAT(refused("bad.npz", files::zip({{"net.npy", nan}})),
             Contains("bad.npz:net") && Contains("eigenvalue 1 is nan"));
  CHECK_THAT(refused("both.npz", files::zip({{"a.npy", stack({2, 2})}, {"t.npy", stack({3})}})),
             Contains("'t' is a vector, expected r x r as 'a'"));
  CHECK_THAT(error_of([&] { (void)load_operators(folder.write("short.npy", vector("<f8", "<c16", {3}))); }),
             Contains("truncated: 3 of complex128 needs"));
  CHECK_THAT(error_of([&] { save_operators(folder / "o.npz", several); }), Contains("there is no operator to write"));
}
